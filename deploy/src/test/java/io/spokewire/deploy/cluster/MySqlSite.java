package io.spokewire.deploy.cluster;

import io.spokewire.testing.EmbeddedMySql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/**
 * One site: a MariaDB or MySQL server with a database {@code shop}, and the agent beside it. The
 * agent connects as user {@code spokewire}, who has what the preflight asks for. Owned by one
 * thread, but for {@link #connect()}.
 */
public final class MySqlSite implements DatabaseSite {
  public static final String DATABASE = "shop";

  private final String name;
  private final EmbeddedMySql server;
  private final SiteAgent agent;

  /** Starts the server and makes the database and the agent's user; the agent does not run yet. */
  public MySqlSite(
      String name,
      EmbeddedMySql.Flavour flavour,
      Map<String, String> settings,
      Programs programs,
      Path directory) {
    this.name = name;
    this.agent = new SiteAgent(name, programs, directory);
    try {
      this.server = EmbeddedMySql.start(flavour, settings);
      String user = "'" + SiteAgent.USER + "'@'%'";
      try (Connection admin = connectTo("mysql");
          Statement statement = admin.createStatement()) {
        statement.execute(
            "CREATE DATABASE " + DATABASE + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        statement.execute("CREATE USER " + user + " IDENTIFIED BY '" + SiteAgent.PASSWORD + "'");
        String more =
            flavour == EmbeddedMySql.Flavour.MYSQL ? ", XA_RECOVER_ADMIN" : ", BINLOG ADMIN";
        statement.execute(
            "GRANT REPLICATION SLAVE, REPLICATION CLIENT" + more + " ON *.* TO " + user);
        statement.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON " + DATABASE + ".* TO " + user);
        statement.execute(
            "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES"
                + " ON spokewire.* TO "
                + user);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public CommandResult join(String hub, String token, String... more) {
    // MySQL takes a password only where nobody can listen; the MariaDB of the tests has no TLS.
    String ssl = server.flavour() == EmbeddedMySql.Flavour.MARIADB ? "disabled" : "required";
    return agent.join(jdbcUrl(), ssl, hub, token, more);
  }

  @Override
  public void startAgent() {
    agent.start();
  }

  @Override
  public ProgramRun agent() {
    return agent.program();
  }

  @Override
  public CommandResult agentCommand(String... arguments) {
    return agent.command(arguments);
  }

  @Override
  public Path output() {
    return agent.output();
  }

  public String jdbcUrl() {
    String scheme = server.flavour() == EmbeddedMySql.Flavour.MARIADB ? "mariadb" : "mysql";
    return "jdbc:" + scheme + "://127.0.0.1:" + server.port() + "/" + DATABASE;
  }

  @Override
  public EmbeddedMySql server() {
    return server;
  }

  @Override
  public Connection connect() {
    return connectTo(DATABASE);
  }

  @Override
  public void close() {
    agent.close();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Connection connectTo(String database) {
    try {
      return DriverManager.getConnection(server.jdbcUrl(database));
    } catch (SQLException e) {
      throw new IllegalStateException("connecting to " + name, e);
    }
  }
}
