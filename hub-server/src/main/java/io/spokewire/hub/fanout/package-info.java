/**
 * Stage 6, <b>fanout</b>. In: log entries. Out: to each spoke what it needs, within its window. May
 * not: write to the log or touch a connection.
 */
@NullMarked
package io.spokewire.hub.fanout;

import org.jspecify.annotations.NullMarked;
