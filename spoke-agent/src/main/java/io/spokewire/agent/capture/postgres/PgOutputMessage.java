package io.spokewire.agent.capture.postgres;

import io.spokewire.common.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message of the pgoutput protocol, versions 1 and 2. {@code xid} is the (sub)transaction
 * inside a stream block and 0 outside. LSNs are unsigned; times are microseconds since 1970 UTC.
 */
sealed interface PgOutputMessage {

  /** What follows belongs to one committed transaction. */
  record Begin(long finalLsn, long commitMicros, int xid) implements PgOutputMessage {}

  /**
   * @param commitLsn the commit record
   * @param endLsn right after it: the position we know the transaction by
   */
  record Commit(long commitLsn, long endLsn, long commitMicros) implements PgOutputMessage {}

  /** The transaction came from elsewhere by replication. */
  record Origin(long commitLsn, String name) implements PgOutputMessage {}

  /**
   * A relation's shape, before its first row on this connection and after every change of it.
   *
   * @param identity {@code pg_class.relreplident}
   */
  record Relation(
      int xid, int id, String schemaName, String tableName, char identity, List<Attribute> columns)
      implements PgOutputMessage {
    public Relation {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A relation's column.
   *
   * @param identity whether old rows carry it
   */
  record Attribute(boolean identity, String name, int type, int modifier) {}

  /** A type that is not built in. */
  record Type(int xid, int id, String schemaName, String typeName) implements PgOutputMessage {}

  /** A row inserted. */
  record Insert(int xid, int relation, TupleData row) implements PgOutputMessage {}

  /**
   * A row updated.
   *
   * @param old the old row or its identity columns, where the log has them
   * @param whole whether {@code old} claims to be the whole row
   */
  record Update(int xid, int relation, @Nullable TupleData old, boolean whole, TupleData row)
      implements PgOutputMessage {}

  /** A row deleted; see {@link Update}. */
  record Delete(int xid, int relation, TupleData old, boolean whole) implements PgOutputMessage {}

  /** Tables emptied. */
  record Truncate(int xid, List<Integer> relations) implements PgOutputMessage {
    public Truncate {
      relations = List.copyOf(relations);
    }
  }

  /** What {@code pg_logical_emit_message} wrote; the content shares the message's array. */
  record LogicalMessage(int xid, boolean transactional, long lsn, String prefix, Bytes content)
      implements PgOutputMessage {}

  /**
   * A block of a transaction in progress begins.
   *
   * @param xid of the whole transaction
   */
  record StreamStart(int xid, boolean first) implements PgOutputMessage {}

  /** The block ends. */
  record StreamStop() implements PgOutputMessage {}

  /** A streamed transaction committed. */
  record StreamCommit(int xid, long commitLsn, long endLsn, long commitMicros)
      implements PgOutputMessage {}

  /**
   * A streamed transaction, or with another {@code subxid} a part of it, is void.
   *
   * @param xid of the whole transaction
   */
  record StreamAbort(int xid, int subxid) implements PgOutputMessage {}
}
