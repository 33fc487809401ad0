package io.spokewire.deploy.cluster;

import io.spokewire.testing.EmbeddedServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A database and the agent beside it. */
public interface DatabaseSite extends AutoCloseable {
  String name();

  /** Joins the agent with a token, as the operator would at this site. */
  CommandResult join(String hub, String token, String... more);

  /** Starts the agent and returns when it is connected. */
  void startAgent();

  /** The agent, which was started. */
  ProgramRun agent();

  /** Runs another command of the agent, such as {@code preflight}. */
  CommandResult agentCommand(String... arguments);

  /** What the agent printed. */
  Path output();

  /** A user's connection to the site's database. The caller closes it. */
  Connection connect();

  /** Runs statements as the database's owner, one transaction each. */
  default void execute(String... statements) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** The single value of a query, as text; empty if it has no row. */
  default String query(String sql) {
    List<String> rows = rows(sql);
    return rows.isEmpty() ? "" : rows.getFirst();
  }

  /** The first column of all rows of a query, as text. */
  default List<String> rows(String sql) {
    List<String> texts = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        texts.add(String.valueOf(rows.getString(1)));
      }
    } catch (SQLException e) {
      throw failed(e);
    }
    return texts;
  }

  private IllegalStateException failed(SQLException e) {
    return new IllegalStateException(name() + ": " + e.getMessage(), e);
  }

  EmbeddedServer server();

  /** The database server's process id. */
  default long serverPid() {
    return server().pid();
  }

  /** Kills the database server as a crash would. */
  default void killDatabase() {
    server().kill9();
  }

  /** Starts the database server again, on the same data and port. */
  default void restartDatabase() throws IOException {
    server().restart();
  }

  @Override
  void close();
}
