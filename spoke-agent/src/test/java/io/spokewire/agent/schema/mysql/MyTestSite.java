package io.spokewire.agent.schema.mysql;

import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A database of its own on a running server whose defaults are as unlike ours as can be, with an
 * agent's user.
 */
public final class MyTestSite implements TestSite {
  /** For the server: what our sessions must pin. */
  public static final Map<String, String> STRANGE_DEFAULTS =
      Map.of(
          "default-time-zone", "+05:30",
          "character-set-server", "latin1",
          "sql-mode", "ANSI");

  private static final String PASSWORD = "p'ä ss";
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  public final String name;
  public final MyDatabase asAgent;
  public final MyDatabase asOwner;
  private final EmbeddedMySql server;

  public MyTestSite(EmbeddedMySql server) throws SQLException {
    this(server, "site" + NUMBERS.incrementAndGet());
    onServer(
        "create database " + name,
        "create user if not exists agent@'127.0.0.1' identified by '"
            + PASSWORD.replace("'", "''")
            + "'",
        "grant replication slave, replication client on *.* to agent@'127.0.0.1'",
        "grant select on " + name + ".* to agent@'127.0.0.1'");
  }

  private MyTestSite(EmbeddedMySql server, String name) {
    this.server = server;
    this.name = name;
    asAgent = database("agent", PASSWORD);
    asOwner = database("root", "");
  }

  /** The same database and users at a replica of the server. */
  public MyTestSite at(EmbeddedMySql replica) {
    return new MyTestSite(replica, name);
  }

  public EmbeddedMySql server() {
    return server;
  }

  /** As root, without our settings. */
  public void onServer(String... sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(server.jdbcUrl("") + "&characterEncoding=UTF-8");
        Statement statement = connection.createStatement()) {
      for (String command : sql) {
        statement.execute(command);
      }
    }
  }

  @Override
  public Connection connect() throws SQLException {
    return asOwner.connect();
  }

  /** Empties the server's binlog, as if nothing had ever been written. */
  public void forgetBinlog() throws SQLException {
    try {
      onServer("reset master");
    } catch (SQLSyntaxErrorException e) {
      onServer("reset binary logs and gtids"); // its name from MySQL 8.4 on
    }
  }

  @Override
  public void run(String... sql) throws SQLException {
    try (Connection connection = asOwner.connect();
        Statement statement = connection.createStatement()) {
      for (String command : sql) {
        statement.execute(command);
      }
    }
  }

  @Override
  public TableScope scope(String... patterns) {
    return new TableScope(List.of(patterns).stream().map(TablePattern::new).toList(), name);
  }

  @Override
  public TableCatalogue catalogue(TableScope scope) throws SQLException {
    try (Connection connection = asAgent.connect()) {
      return new MyCatalogue(connection).read(scope, Set.of());
    }
  }

  private MyDatabase database(String user, String password) {
    Properties properties = new Properties();
    properties.put("user", user);
    properties.put("sslMode", server.flavour() == Flavour.MYSQL ? "REQUIRED" : "DISABLED");
    String scheme = server.flavour() == Flavour.MYSQL ? "mysql" : "mariadb";
    return new MyDatabase(
        "jdbc:" + scheme + "://127.0.0.1:" + server.port() + "/" + name,
        properties,
        () -> password);
  }

  @Override
  public void close() throws SQLException {
    onServer("drop database " + name);
  }
}
