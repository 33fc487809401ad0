package io.spokewire.deploy.bench;

import io.spokewire.deploy.cluster.PostgresSite;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * PostgreSQL's own logical replication, in databases of its own on the same two servers. Held back
 * by stopping the subscriber's apply worker, as Spokewire is by stopping the source's agent: both
 * stay warm and connected, and neither waits for a restart when it is released.
 */
final class NativePostgres implements Replication {
  private static final String DATABASE = "native";

  private final PostgresSite source;
  private final PostgresSite target;
  private long worker;

  NativePostgres(PostgresSite source, PostgresSite target) {
    this.source = source;
    this.target = target;
    execute(source, "postgres", "CREATE DATABASE " + DATABASE);
    execute(target, "postgres", "CREATE DATABASE " + DATABASE);
    execute(source, DATABASE, Dialect.POSTGRES.tables());
    execute(target, DATABASE, Dialect.POSTGRES.tables());
    execute(source, DATABASE, "CREATE PUBLICATION bench FOR ALL TABLES");
    execute(
        target,
        DATABASE,
        "CREATE SUBSCRIPTION bench CONNECTION 'host=127.0.0.1 port="
            + source.server().port()
            + " dbname="
            + DATABASE
            + " user=postgres' PUBLICATION bench");
  }

  @Override
  public String name() {
    return "native";
  }

  @Override
  public Dialect dialect() {
    return Dialect.POSTGRES;
  }

  @Override
  public Connection source() throws SQLException {
    return DriverManager.getConnection(source.server().jdbcUrl(DATABASE), "postgres", "");
  }

  @Override
  public Connection target() throws SQLException {
    return DriverManager.getConnection(target.server().jdbcUrl(DATABASE), "postgres", "");
  }

  @Override
  public void close() {
    // The servers are the sites'.
  }

  @Override
  public void hold() {
    worker = applyWorker();
    Signal.STOP.send(worker);
  }

  @Override
  public void release() {
    Signal.CONT.send(worker);
  }

  @Override
  public Map<String, Double> cpuSeconds() {
    Map<String, Double> cpu = new LinkedHashMap<>();
    cpu.put("source server", ProcessMeter.cpuSeconds(source.server().pid()));
    cpu.put("target server", ProcessMeter.cpuSeconds(target.server().pid()));
    return cpu;
  }

  /** The process that applies the subscription, once it is past its initial copies. */
  private long applyWorker() {
    try (Connection connection =
            DriverManager.getConnection(target.server().jdbcUrl(DATABASE), "postgres", "");
        Statement statement = connection.createStatement()) {
      while (true) {
        try (var rows =
            statement.executeQuery(
                "SELECT pid FROM pg_stat_subscription WHERE subname = 'bench' AND relid IS NULL"
                    + " AND pid IS NOT NULL AND NOT EXISTS"
                    + " (SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r')")) {
          if (rows.next()) {
            return rows.getLong(1);
          }
        }
        Thread.sleep(50);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void execute(PostgresSite site, String database, String... statements) {
    try (Connection connection =
            DriverManager.getConnection(site.server().jdbcUrl(database), "postgres", "");
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(site.name() + ": " + e.getMessage(), e);
    }
  }
}
