package io.spokewire.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedPostgresTest {

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void isOfTheVersionAskedForDurableAndReadyForLogicalReplication(int major) throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(major)) {
      assertThat(show(postgres, "server_version")).startsWith(major + ".");
      assertThat(show(postgres, "wal_level")).isEqualTo("logical");
      assertThat(show(postgres, "fsync")).isEqualTo("on");
      assertThat(show(postgres, "synchronous_commit")).isEqualTo("on");
      assertThat(show(postgres, "listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(show(postgres, "server_encoding")).isEqualTo("UTF8");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 18})
  void keepsCommittedRowsOverRestartAndKill(int major) throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(major)) {
      execute(postgres, "create table t (id int primary key)");
      execute(postgres, "insert into t values (1)");
      postgres.restart();
      execute(postgres, "insert into t values (2)");
      postgres.kill9();
      assertThat(postgres.isRunning()).isFalse();
      assertThatThrownBy(() -> execute(postgres, "select 1")).isInstanceOf(SQLException.class);

      postgres.restart();

      assertThat(query(postgres, "select string_agg(id::text, ',' order by id) from t"))
          .isEqualTo("1,2");
      assertThat(postgres.log()).contains("automatic recovery in progress");
    }
  }

  @Test
  void takesSettingsAtStartAndAtRestart() throws Exception {
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.start(18, Map.of("max_wal_senders", "3", "wal_level", "replica"))) {
      assertThat(show(postgres, "max_wal_senders")).isEqualTo("3");
      assertThat(show(postgres, "wal_level")).isEqualTo("replica");

      postgres.restart(Map.of("wal_level", "logical"));

      assertThat(show(postgres, "max_wal_senders")).isEqualTo("3");
      assertThat(show(postgres, "wal_level")).isEqualTo("logical");
    }
  }

  @Test
  void leavesNothingBehindWhenClosed() throws Exception {
    EmbeddedPostgres postgres = EmbeddedPostgres.start(18);
    Path data = postgres.dataDirectory();
    postgres.close();

    assertThat(postgres.isRunning()).isFalse();
    assertThat(Files.exists(data.getParent())).isFalse();
    postgres.close();
  }

  @Test
  void saysWhyTheServerDidNotStart() {
    assertThatThrownBy(() -> EmbeddedPostgres.start(18, Map.of("no_such_setting", "1")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no_such_setting");
  }

  private static String show(EmbeddedPostgres postgres, String setting) throws SQLException {
    return query(postgres, "show " + setting);
  }

  private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl("postgres"));
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl("postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
