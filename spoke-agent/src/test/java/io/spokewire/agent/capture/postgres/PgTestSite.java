package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.testing.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A database of its own on a running server, whose defaults are as unlike ours as can be, and a
 * role with REPLICATION and SELECT only.
 */
final class PgTestSite implements TestSite {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  final String name = "site" + NUMBERS.incrementAndGet();
  final PgDatabase asAgent;
  final PgDatabase asOwner;
  private final EmbeddedPostgres server;

  PgTestSite(EmbeddedPostgres server) throws SQLException {
    this.server = server;
    run(
        server,
        "postgres",
        "create database " + name,
        "do $$ begin create role agent login replication; exception when duplicate_object then"
            + " null; end $$",
        "alter database " + name + " set DateStyle = 'German, DMY'",
        "alter database " + name + " set TimeZone = 'Asia/Kolkata'",
        "alter database " + name + " set IntervalStyle = 'sql_standard'",
        "alter database " + name + " set bytea_output = 'escape'",
        "alter database " + name + " set extra_float_digits = 0");
    asAgent = database("agent");
    asOwner = database("postgres");
    run(server, name, "alter default privileges grant select on tables to agent");
  }

  @Override
  public Connection connect() throws SQLException {
    return asOwner.connect();
  }

  @Override
  public void run(String... sql) throws SQLException {
    run(server, name, sql);
  }

  @Override
  public TableScope scope(String... patterns) {
    return new TableScope(List.of(patterns).stream().map(TablePattern::new).toList(), "public");
  }

  @Override
  public TableCatalogue catalogue(TableScope scope) throws SQLException {
    try (Connection connection = asAgent.connect()) {
      return new PgCatalogue(connection).read(scope, Set.of());
    }
  }

  /** What join does: the publication first, then the slot. */
  void publish(TableScope scope) throws SQLException {
    List<LocalTable> tables = catalogue(scope).tables();
    try (Connection connection = asOwner.connect()) {
      new PgPublication(name).ensure(connection, tables);
    }
    new PgSlot(asAgent, name).create().close();
  }

  private PgDatabase database(String user) {
    String url = server.jdbcUrl(name);
    Properties properties = new Properties();
    properties.put("user", user);
    return new PgDatabase(url.substring(0, url.indexOf('?')), properties, () -> "");
  }

  @Override
  public void close() throws SQLException {
    run(
        server,
        "postgres",
        "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
            + name
            + "' and active",
        "do $$ begin for i in 1..500 loop exit when not exists (select 1 from pg_replication_slots"
            + " where slot_name = '"
            + name
            + "' and active); perform pg_sleep(0.01); end loop; end $$",
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '"
            + name
            + "'",
        "drop database " + name + " with (force)");
  }

  private static void run(EmbeddedPostgres server, String database, String... sql)
      throws SQLException {
    try (Connection connection = java.sql.DriverManager.getConnection(server.jdbcUrl(database));
        Statement statement = connection.createStatement()) {
      for (String command : sql) {
        statement.execute(command);
      }
    }
  }
}
