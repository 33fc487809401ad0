package io.spokewire.deploy.bench;

import io.spokewire.testing.EmbeddedMySql;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * MariaDB's own row replication by GTID, between two servers of its own, since a binlog is a
 * server's and not a database's. Held back by stopping the replica's threads.
 */
final class NativeMariaDb implements Replication {
  private static final String DATABASE = "shop";

  private final EmbeddedMySql source;
  private final EmbeddedMySql target;

  /**
   * @param appliers transactions applied side by side, in groups committed in order; the server
   *     ships with none, which applies one after the other and waits for the disk each time
   */
  NativeMariaDb(Map<String, String> settings, int appliers) throws IOException, SQLException {
    this.source = EmbeddedMySql.start(EmbeddedMySql.Flavour.MARIADB, settings);
    this.target = EmbeddedMySql.start(EmbeddedMySql.Flavour.MARIADB, settings);
    for (EmbeddedMySql server : List.of(source, target)) {
      execute(server, "CREATE DATABASE " + DATABASE);
      for (String table : Dialect.MARIADB.tables()) {
        execute(server, table.replace("CREATE TABLE ", "CREATE TABLE " + DATABASE + "."));
      }
      execute(server, "RESET MASTER"); // what was written so far is at both
    }
    execute(target, "SET GLOBAL slave_parallel_threads = " + appliers);
    execute(
        target,
        "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = "
            + source.port()
            + ", MASTER_USER = 'root', MASTER_USE_GTID = slave_pos, MASTER_SSL = 0");
    execute(target, "START SLAVE");
  }

  @Override
  public String name() {
    return "native";
  }

  @Override
  public Dialect dialect() {
    return Dialect.MARIADB;
  }

  @Override
  public Connection source() throws SQLException {
    return DriverManager.getConnection(source.jdbcUrl(DATABASE));
  }

  @Override
  public Connection target() throws SQLException {
    return DriverManager.getConnection(target.jdbcUrl(DATABASE));
  }

  @Override
  public void hold() throws SQLException {
    execute(target, "STOP SLAVE");
  }

  @Override
  public void release() throws SQLException {
    execute(target, "START SLAVE");
  }

  @Override
  public Map<String, Double> cpuSeconds() {
    Map<String, Double> cpu = new LinkedHashMap<>();
    cpu.put("source server", ProcessMeter.cpuSeconds(source.pid()));
    cpu.put("target server", ProcessMeter.cpuSeconds(target.pid()));
    return cpu;
  }

  @Override
  public void close() throws IOException {
    try {
      target.close();
    } finally {
      source.close();
    }
  }

  private static void execute(EmbeddedMySql server, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl(""));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
