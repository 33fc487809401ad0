package io.spokewire.deploy.cluster;

import io.spokewire.testing.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One site: a PostgreSQL server with a database {@code shop}, and the agent beside it. The agent
 * connects as role {@code spokewire}, which is no superuser. Owned by one thread, but for {@link
 * #connect()}.
 */
public final class PostgresSite implements AutoCloseable {
  public static final String DATABASE = "shop";
  private static final String ROLE = "spokewire";
  private static final String PASSWORD = "correct horse battery staple";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final int major;
  private final Programs programs;
  private final EmbeddedPostgres server;
  private final Path dataDirectory;
  private final Path output;
  private final Path passwordFile;
  private @Nullable ProgramRun run;

  /** Starts the server and makes the database and the agent's role; the agent does not run yet. */
  public PostgresSite(
      String name, int major, Map<String, String> settings, Programs programs, Path directory) {
    this.name = name;
    this.major = major;
    this.programs = programs;
    this.dataDirectory = directory.resolve(name);
    this.output = directory.resolve(name + ".log");
    this.passwordFile = directory.resolve(name + ".password");
    try {
      Files.createFile(
          passwordFile,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(passwordFile, PASSWORD + "\n");
      this.server = EmbeddedPostgres.start(major, settings);
      try (Connection admin = connectTo("postgres");
          Statement statement = admin.createStatement()) {
        statement.execute("CREATE DATABASE " + DATABASE);
        statement.execute("CREATE ROLE " + ROLE + " LOGIN REPLICATION PASSWORD '" + PASSWORD + "'");
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

  /** Joins the agent with a token, as the operator would at this site. */
  public CommandResult join(String hub, String token, String... more) {
    List<String> command = new ArrayList<>(programs.agent());
    command.addAll(List.of("join", "--hub", hub, "--token", token));
    command.addAll(List.of("--data-dir", dataDirectory.toString()));
    command.addAll(List.of("--database", jdbcUrl(), "--user", ROLE));
    command.addAll(List.of("--credentials", "file:" + passwordFile));
    command.addAll(List.of("--database-ssl", "disabled"));
    command.addAll(List.of(more));
    return CommandResult.of(command, Map.of(), START_LIMIT);
  }

  /** Starts the agent and returns when it is connected. */
  public void startAgent() {
    int linesBefore = ProgramRun.lines(output);
    startAgentWithoutWaiting();
    agent().awaitLine("agent ready", linesBefore, START_LIMIT);
  }

  public void startAgentWithoutWaiting() {
    List<String> command = new ArrayList<>(programs.agent());
    command.addAll(List.of("run", "--data-dir", dataDirectory.toString()));
    run = ProgramRun.start("agent " + name, output, Map.of(), command);
  }

  public ProgramRun agent() {
    if (run == null) {
      throw new IllegalStateException("the agent of " + name + " was not started");
    }
    return run;
  }

  /** Runs another command of the agent, such as {@code preflight}. */
  public CommandResult agentCommand(String... arguments) {
    List<String> command = new ArrayList<>(programs.agent());
    command.addAll(List.of(arguments));
    command.addAll(List.of("--data-dir", dataDirectory.toString()));
    return CommandResult.of(command, Map.of(), START_LIMIT);
  }

  /** A user's connection to the site's database. The caller closes it. */
  public Connection connect() {
    return connectTo(DATABASE);
  }

  /** Runs statements as the database's owner, one transaction each. */
  public void execute(String... statements) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }

  /** The single value of a query, as text. */
  public String query(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next() ? String.valueOf(rows.getString(1)) : "";
    } catch (SQLException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }

  /** How many rows the table holds, and a hash over all of them: equal for equal content. */
  public String digest(String table) {
    return query(
        "SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, E'\\n"
            + "' ORDER BY t::text)), 'none') FROM "
            + table
            + " t");
  }

  public String name() {
    return name;
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + DATABASE;
  }

  public EmbeddedPostgres server() {
    return server;
  }

  public Path dataDirectory() {
    return dataDirectory;
  }

  public Path output() {
    return output;
  }

  @Override
  public void close() {
    if (run != null) {
      run.close();
    }
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
