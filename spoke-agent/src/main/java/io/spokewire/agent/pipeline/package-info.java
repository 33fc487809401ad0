/**
 * The loops that move nouns from stage to stage: capture, uplink, apply. The only package that sees
 * two stages.
 */
@NullMarked
package io.spokewire.agent.pipeline;

import org.jspecify.annotations.NullMarked;
