/**
 * The loops that move nouns from stage to stage: capture, uplink, apply, and the control loop
 * beside them. The only package that sees two stages. Read {@code Desk} first: it is where the
 * hub's link and the loops meet.
 */
@NullMarked
package io.spokewire.agent.pipeline;

import org.jspecify.annotations.NullMarked;
