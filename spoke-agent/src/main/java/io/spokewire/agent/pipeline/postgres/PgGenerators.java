package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.pipeline.LocalGenerators;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgSequences;
import io.spokewire.agent.schema.postgres.PgSequences.Owned;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Supplier;

/**
 * Moves the sequences of serial and identity columns on past the numbers that their tables hold,
 * whoever wrote those. A sequence keeps to its own numbers: it is moved by whole steps. Where a
 * role may not, or where the table would have to be read for its largest number, it is left alone.
 */
public final class PgGenerators implements LocalGenerators, AutoCloseable {
  /**
   * Up to here a sequence is moved by taking numbers from it, so that whoever else takes some is
   * never given one twice. Beyond it, it is set: nobody else takes so many in between.
   */
  private static final long TAKEN = 100_000;

  private final Session session;
  private final Supplier<List<LocalName>> tables;

  /**
   * @param tables those in use
   */
  public PgGenerators(PgDatabase database, Supplier<List<LocalName>> tables) {
    this.session = new Session(database);
    this.tables = tables;
  }

  @Override
  public void follow() {
    List<LocalName> inUse = tables.get();
    if (inUse.isEmpty()) {
      return;
    }
    session.call(
        "move sequences on",
        connection -> {
          for (Owned sequence : new PgSequences(connection).of(inUse)) {
            if (sequence.mayMove() && sequence.indexed()) {
              long steps = sequence.stepsBeyond(largest(connection, sequence));
              if (steps > 0) {
                move(connection, sequence, steps);
              }
            }
          }
          return true;
        });
  }

  private static long largest(Connection connection, Owned sequence) throws SQLException {
    String table = PgDatabase.quoted(sequence.table().schemaName(), sequence.table().tableName());
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT max(" + PgDatabase.quoted(sequence.column()) + ") FROM " + table)) {
      row.next();
      long largest = row.getLong(1);
      return row.wasNull() ? Long.MIN_VALUE : largest;
    }
  }

  private static void move(Connection connection, Owned sequence, long steps) throws SQLException {
    boolean take = steps <= TAKEN;
    String sql =
        take
            ? "SELECT count(nextval(?::regclass)) FROM generate_series(1, ?)"
            : "SELECT setval(?::regclass, ?)";
    long before = sequence.called() ? sequence.last() : sequence.start() - sequence.step();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, sequence.name());
      statement.setLong(2, take ? steps : before + steps * sequence.step());
      statement.execute();
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
