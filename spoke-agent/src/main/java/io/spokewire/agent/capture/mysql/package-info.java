/**
 * Capture from the binlog of MySQL and MariaDB. In: the events of one server, from a set of GTIDs
 * onwards. Out: {@code Captured} nouns in commit order. May not: write to a user's table, or keep
 * rows beyond the spool of transactions in progress.
 *
 * <p>The way of an event: {@code BinlogStream} brings it as bytes, {@code BinlogAssembler} puts it
 * into the transaction it belongs to, {@code RowsDecoder} turns its rows into canonical bytes by
 * the {@code TablePlan} of the table map before it, and at the commit {@code BinlogSource} gives
 * the whole.
 */
@NullMarked
package io.spokewire.agent.capture.mysql;

import org.jspecify.annotations.NullMarked;
