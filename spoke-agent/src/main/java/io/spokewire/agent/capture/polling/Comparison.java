package io.spokewire.agent.capture.polling;

import io.spokewire.agent.capture.LoggedRow;
import io.spokewire.agent.capture.RowSpool;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares rows that a look reads of one table with its copy, and moves the copy on. Within one
 * transaction of the copy.
 */
final class Comparison implements AutoCloseable {
  /** What to do about a copy that can't be compared any more. */
  static final String ANEW =
      "changes of this site may be missing at the others: compare its tables with theirs, then"
          + " syncadm topology remove-spoke, add-spoke, and join anew";

  private final Connection connection;
  private final CopiedTable table;
  private final PolledTable present;
  private final CopiedShape shape;
  private final Optional<RowSpool> differences;
  private final LoggedRow encoder = new LoggedRow();
  private final Map<Long, CopiedShape> shapes = new HashMap<>();
  private final PreparedStatement find;
  private final PreparedStatement insert;
  private final PreparedStatement update;
  private long rows;
  private boolean found;

  /**
   * @param differences where they go; empty if what is read is only copied
   * @throws Fault NEGATIVE if the table has another key than its copy
   */
  Comparison(
      Connection connection, CopiedTable table, PolledTable present, Optional<RowSpool> differences)
      throws SQLException {
    this.connection = connection;
    this.table = table;
    this.present = present;
    this.differences = differences;
    this.shape = shapeOf(CopiedShape.bytes(present.form()));
    demandSameKey();
    this.find =
        connection.prepareStatement(
            "SELECT shape, image FROM copied_row WHERE table_id = ? AND key = ?");
    this.insert = connection.prepareStatement("INSERT INTO copied_row VALUES (?, ?, ?, ?)");
    this.update =
        connection.prepareStatement(
            "UPDATE copied_row SET shape = ?, image = ? WHERE table_id = ? AND key = ?");
  }

  /** How many rows were read. */
  long rows() {
    return rows;
  }

  /** Whether there were differences. */
  boolean found() {
    return found;
  }

  /** For rows as they are now. */
  PolledDatabase.RowTaker taker() {
    int[] key = present.form().schema().key().stream().mapToInt(Integer::intValue).toArray();
    List<byte[]> columns = new ArrayList<>();
    RowImages images = new RowImages();
    return new PolledDatabase.RowTaker() {
      @Override
      public void column(byte @Nullable [] value) {
        images.column(value);
        columns.add(images.take());
      }

      @Override
      public void row() {
        for (int ordinal : key) {
          images.encoded(columns.get(ordinal));
        }
        byte[] keyBytes = images.take();
        columns.forEach(images::encoded);
        columns.clear();
        take(keyBytes, images.take());
      }
    };
  }

  private void take(byte[] key, byte[] image) {
    demandNotInterrupted();
    try {
      rows++;
      find.setLong(1, table.id());
      find.setBytes(2, key);
      byte[] before;
      try (ResultSet row = find.executeQuery()) {
        before = row.next() ? projected(row.getLong(1), row.getBytes(2)) : null;
      }
      if (before == null) {
        insert.setLong(1, table.id());
        insert.setBytes(2, key);
        insert.setLong(3, shape.id());
        insert.setBytes(4, image);
        insert.executeUpdate();
        put('I', image);
      } else if (!Arrays.equals(before, image)) {
        update.setLong(1, shape.id());
        update.setBytes(2, image);
        update.setLong(3, table.id());
        update.setBytes(4, key);
        update.executeUpdate();
        byte[] both = Arrays.copyOf(before, before.length + image.length);
        System.arraycopy(image, 0, both, before.length, image.length);
        put('U', both);
      }
    } catch (SQLException e) {
      throw Fault.of(FaultKind.INTERNAL, "compare rows of " + table.name(), String.valueOf(e))
          .hint("check space and rights of the data directory")
          .healsByItself()
          .causedBy(e);
    }
  }

  private void put(char operation, byte[] logged) {
    differences.ifPresent(
        spool -> {
          encoder.decode(operation, present.form(), logged, spool);
          found = true;
        });
  }

  /**
   * Finds what was deleted: rows of the copy whose keys are not there any more.
   *
   * @return how many rows there are that no look has seen
   */
  long deletes(PolledDatabase.Look look) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TEMP TABLE IF NOT EXISTS present (key BLOB PRIMARY KEY) WITHOUT ROWID");
      statement.execute("DELETE FROM present");
    }
    try (PreparedStatement note =
        connection.prepareStatement("INSERT OR IGNORE INTO present VALUES (?)")) {
      look.keys(present, new KeyTaker(note));
    }
    String gone = " FROM copied_row WHERE table_id = ? AND key NOT IN (SELECT key FROM present)";
    try (PreparedStatement query = connection.prepareStatement("SELECT shape, image" + gone)) {
      query.setLong(1, table.id());
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          put('D', projected(row.getLong(1), row.getBytes(2)));
        }
      }
    }
    SiteCopy.execute(connection, "DELETE" + gone, table.id());
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT count(*) FROM present WHERE key NOT IN"
                + " (SELECT key FROM copied_row WHERE table_id = ?)")) {
      query.setLong(1, table.id());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private byte[] projected(long from, byte[] image) throws SQLException {
    CopiedShape old = shapes.get(from);
    if (old == null) {
      old = readShape(from);
      shapes.put(from, old);
    }
    return old.project(image, shape);
  }

  private CopiedShape shapeOf(byte[] bytes) throws SQLException {
    try (PreparedStatement add =
        connection.prepareStatement("INSERT OR IGNORE INTO copied_shape (columns) VALUES (?)")) {
      add.setBytes(1, bytes);
      add.executeUpdate();
    }
    try (PreparedStatement query =
        connection.prepareStatement("SELECT id FROM copied_shape WHERE columns = ?")) {
      query.setBytes(1, bytes);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return CopiedShape.of(row.getLong(1), bytes);
      }
    }
  }

  private CopiedShape readShape(long id) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("SELECT columns FROM copied_shape WHERE id = ?")) {
      query.setLong(1, id);
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return CopiedShape.of(id, row.getBytes(1));
      }
    }
  }

  /** All images of a table have one key: it is checked whenever there is a new shape. */
  private void demandSameKey() throws SQLException {
    Optional<Long> any;
    try (PreparedStatement query =
        connection.prepareStatement("SELECT shape FROM copied_row WHERE table_id = ? LIMIT 1")) {
      query.setLong(1, table.id());
      try (ResultSet row = query.executeQuery()) {
        any = row.next() ? Optional.of(row.getLong(1)) : Optional.empty();
      }
    }
    if (any.isEmpty()) {
      return;
    }
    List<String> before = readShape(any.get()).key();
    if (!before.equals(shape.key())) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "capture",
              "its primary key was "
                  + before
                  + " and is "
                  + shape.key()
                  + ": its rows can't be found in the copy")
          .at(table.name())
          .hint(ANEW)
          .build();
    }
  }

  /** An agent that stops does not wait for a large table. */
  private static void demandNotInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw Fault.of(FaultKind.UNREACHABLE, "look at the tables", "the agent is stopping")
          .healsByItself()
          .build();
    }
  }

  @Override
  public void close() throws SQLException {
    find.close();
    insert.close();
    update.close();
  }

  /** Notes the keys that are there. */
  private final class KeyTaker implements PolledDatabase.RowTaker {
    private final PreparedStatement note;
    private final RowImages images = new RowImages();

    KeyTaker(PreparedStatement note) {
      this.note = note;
    }

    @Override
    public void column(byte @Nullable [] value) {
      images.column(value);
    }

    @Override
    public void row() {
      demandNotInterrupted();
      try {
        note.setBytes(1, images.take());
        note.executeUpdate();
      } catch (SQLException e) {
        throw Fault.of(FaultKind.INTERNAL, "note keys of " + table.name(), String.valueOf(e))
            .healsByItself()
            .causedBy(e);
      }
    }
  }
}
