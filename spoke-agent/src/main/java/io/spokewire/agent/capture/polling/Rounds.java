package io.spokewire.agent.capture.polling;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What looks found, until it is confirmed: a round is the rows of one look, or one barrier. Rows
 * are kept as they were encoded, so that a round given again is the same to the byte, whatever
 * became of its tables.
 */
final class Rounds {
  private Rounds() {}

  /**
   * One round.
   *
   * @param barrier null for rows
   */
  record Round(long number, long micros, @Nullable BarrierId barrier, List<TableSchema> schemas) {}

  /** What is done with each block of a round's rows. */
  interface BlockTaker {
    void take(RowBlock block);
  }

  static void mark(Connection connection, BarrierId barrier) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO mark (barrier) VALUES (?)")) {
      insert.setString(1, barrier.toString());
      insert.executeUpdate();
    }
  }

  static List<BarrierId> marks(Connection connection) throws SQLException {
    List<BarrierId> marks = new ArrayList<>();
    try (PreparedStatement query =
            connection.prepareStatement("SELECT barrier FROM mark ORDER BY number");
        ResultSet row = query.executeQuery()) {
      while (row.next()) {
        marks.add(BarrierId.parse(row.getString(1)));
      }
    }
    return marks;
  }

  static void clearMarks(Connection connection) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement("DELETE FROM mark")) {
      delete.executeUpdate();
    }
  }

  static long last(Connection connection) throws SQLException {
    return number(connection, "SELECT last_round FROM progress").orElseThrow();
  }

  static long confirmed(Connection connection) throws SQLException {
    Optional<Long> first = number(connection, "SELECT min(number) FROM round");
    return first.isPresent() ? first.get() - 1 : last(connection);
  }

  static Optional<Long> number(Connection connection, String query) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query);
        ResultSet row = statement.executeQuery()) {
      row.next();
      long number = row.getLong(1);
      return row.wasNull() ? Optional.empty() : Optional.of(number);
    }
  }

  /** Keeps rows as the next round. */
  static void add(
      Connection connection, long micros, Collection<TableSchema> schemas, RowChunks rows)
      throws SQLException {
    long round = begin(connection, micros, null);
    int place = 0;
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO round_schema VALUES (?, ?, ?)")) {
      for (TableSchema schema : schemas) {
        insert.setLong(1, round);
        insert.setInt(2, place++);
        insert.setBytes(3, encoded(schema));
        insert.executeUpdate();
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO difference VALUES (?, ?, ?, ?)")) {
      for (RowBlock block : rows) {
        insert.setLong(1, round);
        insert.setInt(2, place++);
        insert.setInt(3, block.rows());
        insert.setBytes(4, block.bytes().toByteArray());
        insert.executeUpdate();
      }
    }
  }

  /** Keeps a barrier as the next round. */
  static void add(Connection connection, long micros, BarrierId barrier) throws SQLException {
    begin(connection, micros, barrier);
  }

  private static long begin(Connection connection, long micros, @Nullable BarrierId barrier)
      throws SQLException {
    long round = last(connection) + 1;
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO round VALUES (?, ?, ?)")) {
      insert.setLong(1, round);
      insert.setLong(2, micros);
      insert.setString(3, barrier == null ? null : barrier.toString());
      insert.executeUpdate();
    }
    SiteCopy.execute(connection, "UPDATE progress SET last_round = ?", round);
    return round;
  }

  /** A round that was not confirmed; its rows go to the taker. */
  static Round read(Connection connection, long number, BlockTaker rows) throws SQLException {
    Round round;
    try (PreparedStatement query =
        connection.prepareStatement("SELECT micros, barrier FROM round WHERE number = ?")) {
      query.setLong(1, number);
      try (ResultSet row = query.executeQuery()) {
        if (!row.next()) {
          throw new IllegalStateException("round " + number + " is not in the copy");
        }
        String barrier = row.getString(2);
        round =
            new Round(
                number,
                row.getLong(1),
                barrier == null ? null : BarrierId.parse(barrier),
                schemas(connection, number));
      }
    }
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT row_count, content FROM difference WHERE round = ? ORDER BY place")) {
      query.setLong(1, number);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          rows.take(new RowBlock(Bytes.wrap(row.getBytes(2)), row.getInt(1)));
        }
      }
    }
    return round;
  }

  /** Drops rounds of which nothing is needed any more. */
  static void forget(Connection connection, long upTo) throws SQLException {
    SiteCopy.execute(connection, "DELETE FROM difference WHERE round <= ?", upTo);
    SiteCopy.execute(connection, "DELETE FROM round_schema WHERE round <= ?", upTo);
    SiteCopy.execute(connection, "DELETE FROM round WHERE number <= ?", upTo);
  }

  private static List<TableSchema> schemas(Connection connection, long round) throws SQLException {
    List<TableSchema> schemas = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT content FROM round_schema WHERE round = ? ORDER BY place")) {
      query.setLong(1, round);
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          schemas.add(schema(row.getBytes(1)));
        }
      }
    }
    return schemas;
  }

  private static byte[] encoded(TableSchema schema) {
    ByteSink sink = new ByteSink(256);
    sink.putText(schema.table().name()).putVarint(schema.columns().size());
    for (Column column : schema.columns()) {
      sink.putText(column.name()).putVarint(column.type().code());
      sink.putText(column.nativeType()).putByte(column.nullable() ? 1 : 0);
    }
    sink.putVarint(schema.key().size());
    schema.key().forEach(sink::putVarint);
    return sink.toBytes().toByteArray();
  }

  private static TableSchema schema(byte[] bytes) {
    ByteSource source = new ByteSource(Bytes.wrap(bytes));
    TableName table = new TableName(source.readText());
    List<Column> columns = new ArrayList<>();
    for (int left = source.readLength(); left > 0; left--) {
      columns.add(
          new Column(
              source.readText(),
              LogicalType.ofCode((int) source.readVarint()),
              source.readText(),
              source.readByte() == 1));
    }
    List<Integer> key = new ArrayList<>();
    for (int left = source.readLength(); left > 0; left--) {
      key.add((int) source.readVarint());
    }
    return TableSchema.of(table, columns, key);
  }
}
