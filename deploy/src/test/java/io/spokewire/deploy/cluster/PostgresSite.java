package io.spokewire.deploy.cluster;

import io.spokewire.testing.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/**
 * One site: a PostgreSQL server with a database {@code shop}, and the agent beside it. The agent
 * connects as role {@code spokewire}, which is no superuser. Owned by one thread, but for {@link
 * #connect()}.
 */
public final class PostgresSite implements DatabaseSite {
  public static final String DATABASE = "shop";
  private static final String ROLE = SiteAgent.USER;

  private final String name;
  private final int major;
  private final EmbeddedPostgres server;
  private final SiteAgent agent;

  /** Starts the server and makes the database and the agent's role; the agent does not run yet. */
  public PostgresSite(
      String name, int major, Map<String, String> settings, Programs programs, Path directory) {
    this.name = name;
    this.major = major;
    this.agent = new SiteAgent(name, programs, directory);
    try {
      this.server = EmbeddedPostgres.start(major, settings);
      try (Connection admin = connectTo("postgres");
          Statement statement = admin.createStatement()) {
        statement.execute("CREATE DATABASE " + DATABASE);
        statement.execute(
            "CREATE ROLE " + ROLE + " LOGIN REPLICATION PASSWORD '" + SiteAgent.PASSWORD + "'");
        statement.execute("GRANT SET ON PARAMETER session_replication_role TO " + ROLE);
      }
      execute("CREATE SCHEMA spokewire AUTHORIZATION " + ROLE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Makes tables as their owner, and gives the agent's role what it needs on them. */
  public void createTables(String... statements) {
    execute(statements);
    execute(
        """
        DO $$ DECLARE t regclass; BEGIN
          FOR t IN SELECT oid FROM pg_class
              WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP
            EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', t);
          END LOOP;
        END $$\
        """,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + ROLE,
        "CREATE PUBLICATION spokewire_"
            + name.replace('-', '_')
            + " FOR TABLES IN SCHEMA public WITH (publish_via_partition_root = true"
            + (major >= 18 ? ", publish_generated_columns = stored)" : ")"));
  }

  @Override
  public CommandResult join(String hub, String token, String... more) {
    return agent.join(jdbcUrl(), "disabled", hub, token, more);
  }

  @Override
  public void startAgent() {
    agent.start();
  }

  public void startAgentWithoutWaiting() {
    agent.startWithoutWaiting();
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
  public Connection connect() {
    return connectTo(DATABASE);
  }

  /** How many rows the table holds, and a hash over all of them: equal for equal content. */
  public String digest(String table) {
    return query(
        "SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, E'\\n"
            + "' ORDER BY t::text)), 'none') FROM "
            + table
            + " t");
  }

  @Override
  public String name() {
    return name;
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + DATABASE;
  }

  @Override
  public EmbeddedPostgres server() {
    return server;
  }

  public Path dataDirectory() {
    return agent.dataDirectory();
  }

  @Override
  public Path output() {
    return agent.output();
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
      return DriverManager.getConnection(server.jdbcUrl(database), "postgres", "");
    } catch (SQLException e) {
      throw new IllegalStateException("connecting to " + name, e);
    }
  }
}
