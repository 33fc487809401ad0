/**
 * The central conflict audit: the table {@code sync_conflicts}, an idempotent projection of the log
 * with its own projected-through position, and the queries over it.
 */
@NullMarked
package io.spokewire.hub.audit;

import org.jspecify.annotations.NullMarked;
