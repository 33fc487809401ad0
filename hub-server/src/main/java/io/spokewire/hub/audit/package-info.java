/**
 * The central conflict audit: the table {@code sync_conflicts}. In: log entries, after they are
 * durable. Out: rows, their own projected-through position, and the queries over them. An
 * idempotent projection: the log is the truth, and is never trimmed beyond what is projected. May
 * not: decide, write to the log, or see a connection to a spoke.
 */
@NullMarked
package io.spokewire.hub.audit;

import org.jspecify.annotations.NullMarked;
