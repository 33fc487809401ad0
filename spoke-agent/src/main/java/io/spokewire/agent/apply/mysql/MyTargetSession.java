package io.spokewire.agent.apply.mysql;

import io.spokewire.agent.apply.table.ApplySite;
import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.apply.table.MarkRow;
import io.spokewire.agent.apply.table.RowWriter;
import io.spokewire.agent.apply.table.TargetSession;
import io.spokewire.agent.apply.table.TargetTables;
import io.spokewire.agent.apply.table.Way;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** One connection to MySQL or MariaDB with its pinned settings, statements and tables. */
final class MyTargetSession implements TargetSession {
  // Everything that changes what a value means, whether it is refused, or who acts on it, whatever
  // the server's defaults are. Dates that no calendar has are values here like any other, since a
  // site may have them. Double quotes are for the names of our own tables.
  private static final List<String> PINNED =
      List.of(
          "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO,"
              + "ALLOW_INVALID_DATES,ANSI_QUOTES'",
          "SET SESSION time_zone = '+00:00'",
          "SET SESSION foreign_key_checks = 1",
          "SET SESSION unique_checks = 1",
          "SET SESSION innodb_lock_wait_timeout = 30",
          "SET SESSION lock_wait_timeout = 30",
          "SET SESSION wait_timeout = 2147483",
          "SET SESSION sql_safe_updates = 0",
          "SET SESSION sql_select_limit = DEFAULT",
          "SET SESSION sql_big_selects = 1",
          "SET SESSION sql_auto_is_null = 0",
          "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
          "SET SESSION TRANSACTION READ WRITE",
          // For triggers of users: they fire for every writer.
          "SET @spokewire_apply = 1");

  private static final int NOT_PERMITTED = 1227;

  private final Connection connection;
  private final TargetTables<MyTargetTable> targets;
  private final MyRowWriter writer;
  private final MyCheckpoint checkpoint;
  private final Optional<MarkRow> markRow;
  private boolean named; // the transaction, for the triggers

  private MyTargetSession(
      Connection connection, Optional<MarkRow> markRow, ApplySite site, Server server) {
    this.markRow = markRow;
    this.connection = connection;
    this.targets =
        new TargetTables<>(
            table -> MyTargetCatalogue.read(connection, table), site.tables(), site.schemas());
    this.writer =
        new MyRowWriter(connection, targets, server.isMariaDb() ? "" : "ROW", server.packetBytes());
    this.checkpoint = new MyCheckpoint(connection);
  }

  /** Connects, claims the server, pins the settings. */
  static MyTargetSession open(
      ConnectionSource connections, Optional<MarkRow> markRow, ApplySite site) throws SQLException {
    return connections.open(
        properties(site),
        connection -> {
          MySpokewireSchema.prepare(connection, site.spoke(), site.instance());
          try (Statement statement = connection.createStatement()) {
            for (String setting : PINNED) {
              statement.execute(setting);
            }
          }
          Server server = Server.of(connection);
          if (server.isMariaDb()) {
            leaveStatementsOut(connection);
          }
          connection.commit();
          return new MyTargetSession(connection, markRow, site, server);
        });
  }

  /**
   * MariaDB writes the text of each statement into the binlog beside the rows. Of a list of rows
   * that is the same once more.
   */
  private static void leaveStatementsOut(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION binlog_annotate_row_events = 0");
    } catch (SQLException e) {
      if (e.getErrorCode() != NOT_PERMITTED) {
        throw e;
      }
      // It takes a right that the user need not have.
    }
  }

  private static Properties properties(ApplySite site) {
    Properties properties = new Properties();
    properties.setProperty("connectionAttributes", "program_name:spokewire apply " + site.spoke());
    // Values stand in the statement as literals: only those have the type that they look like.
    properties.setProperty("useServerPrepStmts", "false");
    // The driver looks for the places of values in a long list's text once.
    properties.setProperty("cachePrepStmts", "true");
    properties.setProperty("prepStmtCacheSize", "32");
    properties.setProperty("prepStmtCacheSqlLimit", "131072");
    properties.setProperty("characterEncoding", "UTF-8");
    properties.setProperty("connectionCollation", "utf8mb4_bin");
    // An update counts the rows that it found, whether they were so already or not.
    properties.setProperty("useAffectedRows", "false");
    properties.setProperty("autoReconnect", "false");
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  /** What is asked of the server once. */
  private record Server(boolean isMariaDb, long packetBytes) {
    static Server of(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT VERSION(), @@max_allowed_packet")) {
        row.next();
        return new Server(row.getString(1).contains("MariaDB"), row.getLong(2));
      }
    }
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public String unlessThere(String insert) {
    return insert + " ON DUPLICATE KEY UPDATE id = id";
  }

  @Override
  public boolean mayReorder() {
    return true;
  }

  @Override
  public boolean keepsOrder(TableName table) {
    return targets.known(table).map(MyTargetTable::keepsOrder).orElse(true);
  }

  /** There are no constraints that could wait for the end. */
  @Override
  public void begin(Way way) {}

  @Override
  public @Nullable String mismatch(SchemaId shape) throws SQLException {
    return targets.mismatch(shape);
  }

  @Override
  public void forgetTables() {
    targets.forget();
    writer.forget();
  }

  @Override
  public RowWriter writer() {
    return writer;
  }

  @Override
  public void mark(Bytes sealed) throws SQLException {
    if (markRow.isEmpty()) {
      checkpoint.mark(sealed);
      return;
    }
    if (!named) {
      // Triggers log what we apply like anybody's; so they say which of our transactions it is.
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET @spokewire_trx = CONCAT('a', UUID_SHORT())");
      }
      named = true;
    }
    markRow.get().write(connection, sealed);
  }

  @Override
  public void commit() throws SQLException {
    named = false;
    connection.commit();
  }

  @Override
  public void rollback() throws SQLException {
    named = false;
    connection.rollback();
  }

  @Override
  public Optional<Position> readCheckpoint() throws SQLException {
    return checkpoint.read();
  }

  @Override
  public boolean moveCheckpoint(Optional<Position> before, Position to) throws SQLException {
    return checkpoint.move(before, to);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // It was of no use any more.
    }
  }
}
