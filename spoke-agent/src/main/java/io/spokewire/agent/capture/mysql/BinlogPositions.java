package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFlavour;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Where a server's binlog is, and whether it can be read on from a place. */
public final class BinlogPositions {
  private static final int PATIENCE_SECONDS = 5;

  private BinlogPositions() {}

  /** The end of the log now: everything committed before this call lies before it. */
  public static SourcePosition end(Connection connection) throws SQLException {
    if (MyFlavour.of(connection) == MyFlavour.MARIADB) {
      return MariaDbGtids.parse(ask(connection, "SELECT @@global.gtid_binlog_pos")).position();
    }
    String mode = ask(connection, "SELECT @@global.gtid_mode");
    if (!mode.equals("ON")) {
      throw Fault.of(FaultKind.REFUSED, "capture", "the server's gtid_mode is " + mode)
          .hint("SET GLOBAL enforce_gtid_consistency = ON; then gtid_mode step by step to ON")
          .build();
    }
    return MySqlGtids.parse(ask(connection, "SELECT @@global.gtid_executed")).position();
  }

  /** The set of a position of this server. */
  static GtidSet read(MyFlavour flavour, SourcePosition position) {
    String text = GtidToken.text(position);
    return flavour == MyFlavour.MARIADB ? MariaDbGtids.parse(text) : MySqlGtids.parse(text);
  }

  /** Where reading must begin so that everything after {@code start} comes whole. */
  static GtidSet resumed(MyFlavour flavour, GtidSet start) {
    String text = start.resumeText();
    return flavour == MyFlavour.MARIADB ? MariaDbGtids.parse(text) : MySqlGtids.parse(text);
  }

  /**
   * Looks whether the log has what follows.
   *
   * @throws Fault NEGATIVE, not healing by itself, if the server does not know what was read
   *     before, or has purged what follows
   */
  static void demandReadable(MyDatabase database, Connection connection, GtidSet after)
      throws SQLException {
    switch (after) {
      case MySqlGtids set -> demandReadable(database, connection, set);
      case MariaDbGtids set -> demandReadable(database, connection, set);
    }
  }

  private static void demandReadable(MyDatabase database, Connection connection, MySqlGtids after)
      throws SQLException {
    // The log gives a transaction a moment before the server counts it as executed.
    String text = after.text();
    boolean executed =
        text.isEmpty()
            || !truth(
                connection, "SELECT WAIT_FOR_EXECUTED_GTID_SET(?, " + PATIENCE_SECONDS + ")", text);
    if (!executed) {
      throw Resync.unknown(
          database, ask(connection, "SELECT GTID_SUBTRACT(?, @@global.gtid_executed)", text));
    }
    String purged = ask(connection, "SELECT GTID_SUBTRACT(@@global.gtid_purged, ?)", text);
    if (!purged.isEmpty()) {
      throw Resync.purged(database, ": " + purged.replace("\n", ""));
    }
  }

  private static void demandReadable(MyDatabase database, Connection connection, MariaDbGtids after)
      throws SQLException {
    long deadline = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (true) {
      String state = ask(connection, "SELECT @@global.gtid_binlog_state");
      if (after.isKnownTo(state)) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw Resync.unknown(database, after.text() + ", while its log ends at " + state);
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Fault.of(FaultKind.UNREACHABLE, "open the binlog", "interrupted")
            .at(database)
            .healsByItself()
            .causedBy(e);
      }
    }
  }

  private static String ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      String answer = row.getString(1);
      return answer == null ? "" : answer;
    }
  }

  private static String ask(Connection connection, String sql, String argument)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, argument);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        String answer = row.getString(1);
        return answer == null ? "" : answer;
      }
    }
  }

  private static boolean truth(Connection connection, String sql, String argument)
      throws SQLException {
    return ask(connection, sql, argument).equals("1");
  }
}
