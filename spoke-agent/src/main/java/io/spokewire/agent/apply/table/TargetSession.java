package io.spokewire.agent.apply.table;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection of an engine with its pinned settings. Lives until the connection fails. Owned by
 * one thread; never commits or rolls back unasked.
 *
 * <p>On {@link #connection()} the following is understood, for the tables in {@code spokewire}:
 * names in double quotes, {@code ?} for values, named savepoints.
 */
public interface TargetSession extends AutoCloseable {
  Connection connection();

  /** An INSERT into a table of {@code spokewire}, as one that leaves a row with the same key. */
  String unlessThere(String insert);

  /** Whether changes of different rows may change places: no foreign key and no trigger acts. */
  boolean mayReorder();

  /**
   * Whether changes of this table and of others of which this is true keep their order all the
   * same, since foreign keys or triggers act on them. The table was found fit.
   */
  default boolean keepsOrder(TableName table) {
    return false;
  }

  /** Says how the transaction is about to be written. */
  void begin(Way way) throws SQLException;

  /** Why rows of this shape can't be written here; null if they can. */
  @Nullable String mismatch(SchemaId shape) throws SQLException;

  /** Looks at every table anew when it is next needed. */
  void forgetTables();

  RowWriter writer();

  /** Writes a sealed marker where capture meets it; the last one of a transaction counts. */
  void mark(Bytes sealed) throws SQLException;

  /** The checkpoint as it is in the database. */
  Optional<Position> readCheckpoint() throws SQLException;

  /**
   * Moves the checkpoint on.
   *
   * @param before as it was last read or committed; empty if there was none
   * @return false if it is another one: a commit of unknown outcome came through after all. That
   *     one holds the row until it is over, so that this waits for it
   */
  boolean moveCheckpoint(Optional<Position> before, Position to) throws SQLException;

  /** Ends the transaction; what has to come last in it is written before. */
  default void commit() throws SQLException {
    connection().commit();
  }

  /** Ends the transaction without a trace. */
  default void rollback() throws SQLException {
    connection().rollback();
  }

  @Override
  void close();
}
