/**
 * Capture from PostgreSQL 15 to 18 by logical replication. In: pgoutput messages of one slot. Out:
 * {@code Captured} nouns in commit order. May not: write to a user's table, keep rows beyond the
 * spool of transactions in progress, or confirm anything by itself.
 *
 * <p>The way of a message: {@code PgOutputDecoder} makes it a {@code PgOutputMessage}, {@code
 * TransactionAssembler} puts it into the transaction it belongs to, {@code RowEncoder} turns its
 * row into canonical bytes in that transaction's {@code RowSpool}, and at the commit {@code
 * PgChangeSource} gives the whole.
 */
@NullMarked
package io.spokewire.agent.capture.postgres;

import org.jspecify.annotations.NullMarked;
