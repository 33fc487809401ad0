/**
 * What the loops need of PostgreSQL beside capture and apply: which tables a plan means and whether
 * they are published, barrier marks, how the slot is.
 */
@NullMarked
package io.spokewire.agent.pipeline.postgres;

import org.jspecify.annotations.NullMarked;
