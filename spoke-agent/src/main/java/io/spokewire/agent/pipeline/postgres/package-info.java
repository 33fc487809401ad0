/**
 * What the loops need of PostgreSQL beside capture and apply: which tables a plan means, barrier
 * marks, the slot, and setting all of it up when a spoke joins.
 */
@NullMarked
package io.spokewire.agent.pipeline.postgres;

import org.jspecify.annotations.NullMarked;
