/**
 * Apply for databases with tables, whatever the engine: what is tried in which way and how often,
 * which row waits for which, what is set aside and what is kept off. In: batches of log entries.
 * Out: runs for an engine's {@link io.spokewire.agent.apply.table.RowWriter}, in one transaction
 * with marker and checkpoint. What an engine gives stands in {@link
 * io.spokewire.agent.apply.table.TargetDatabase} and {@link
 * io.spokewire.agent.apply.table.TargetSession}. May not: see an engine, or write SQL that only one
 * of them understands.
 */
@NullMarked
package io.spokewire.agent.apply.table;

import org.jspecify.annotations.NullMarked;
