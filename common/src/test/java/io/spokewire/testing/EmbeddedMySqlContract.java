package io.spokewire.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What both servers keep.
abstract class EmbeddedMySqlContract {
  protected final Flavour flavour;
  private final String version;

  EmbeddedMySqlContract(Flavour flavour, String version) {
    this.flavour = flavour;
    this.version = version;
  }

  @Test
  void isOfItsVersionDurableAndReadyForCapture() throws Exception {
    try (EmbeddedMySql mySql = EmbeddedMySql.start(flavour)) {
      assertThat(query(mySql, "select version()")).startsWith(version);
      assertThat(query(mySql, "select @@log_bin")).isEqualTo("1");
      assertThat(query(mySql, "select @@binlog_format")).isEqualTo("ROW");
      assertThat(query(mySql, "select @@binlog_row_image")).isEqualTo("FULL");
      assertThat(query(mySql, "select @@binlog_row_metadata")).isEqualTo("FULL");
      assertThat(query(mySql, "select @@sync_binlog")).isEqualTo("1");
      assertThat(query(mySql, "select @@innodb_flush_log_at_trx_commit")).isEqualTo("1");
      assertThat(query(mySql, "select @@innodb_doublewrite")).isIn("1", "ON");
      assertThat(query(mySql, "select @@bind_address")).isEqualTo("127.0.0.1");
      assertThat(query(mySql, "select @@character_set_server")).isEqualTo("utf8mb4");
    }
  }

  @Test
  void keepsCommittedRowsOverRestartAndKill() throws Exception {
    try (EmbeddedMySql mySql = EmbeddedMySql.start(flavour)) {
      execute(mySql, "create database d");
      execute(mySql, "create table d.t (id int primary key)");
      execute(mySql, "insert into d.t values (1)");
      mySql.restart();
      execute(mySql, "insert into d.t values (2)");
      mySql.kill9();
      assertThat(mySql.isRunning()).isFalse();
      assertThatThrownBy(() -> execute(mySql, "select 1")).isInstanceOf(SQLException.class);

      mySql.restart();

      assertThat(query(mySql, "select group_concat(id order by id) from d.t")).isEqualTo("1,2");
      assertThat(mySql.log()).containsIgnoringCase("crash recovery");
    }
  }

  @Test
  void countsItsTransactionsByGtid() throws Exception {
    try (EmbeddedMySql mySql = EmbeddedMySql.start(flavour)) {
      execute(mySql, "create database d");
      String before = query(mySql, "select " + gtids());
      execute(mySql, "create table d.t (id int primary key)");
      assertThat(query(mySql, "select " + gtids())).isNotEmpty().isNotEqualTo(before);
    }
  }

  @Test
  void isAnotherServerThanTheNext() throws Exception {
    try (EmbeddedMySql one = EmbeddedMySql.start(flavour);
        EmbeddedMySql other = EmbeddedMySql.start(flavour, Map.of("max-connections", "17"))) {
      assertThat(one.port()).isNotEqualTo(other.port());
      assertThat(query(one, "select @@server_id")).isNotEqualTo(query(other, "select @@server_id"));
      String identity = flavour == Flavour.MYSQL ? "select @@server_uuid" : "select @@server_id";
      assertThat(query(one, identity)).isNotEqualTo(query(other, identity));
      assertThat(query(other, "select @@max_connections")).isEqualTo("17");
    }
  }

  @Test
  void leavesNothingBehindWhenClosed() throws Exception {
    EmbeddedMySql mySql = EmbeddedMySql.start(flavour);
    Path data = mySql.dataDirectory();
    mySql.close();

    assertThat(mySql.isRunning()).isFalse();
    assertThat(Files.exists(data.getParent())).isFalse();
    mySql.close();
  }

  @Test
  void saysWhyTheServerDidNotStart() {
    assertThatThrownBy(() -> EmbeddedMySql.start(flavour, Map.of("no-such-setting", "1")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no-such-setting");
  }

  private String gtids() {
    return flavour == Flavour.MYSQL ? "@@gtid_executed" : "@@gtid_binlog_pos";
  }

  private static String query(EmbeddedMySql mySql, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(mySql.jdbcUrl(""));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static void execute(EmbeddedMySql mySql, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(mySql.jdbcUrl(""));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
