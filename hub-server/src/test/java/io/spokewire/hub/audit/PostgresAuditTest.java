package io.spokewire.hub.audit;

import static io.spokewire.hub.audit.Conflicts.LOG;
import static io.spokewire.hub.audit.Conflicts.outcome;
import static io.spokewire.hub.audit.Conflicts.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.spokewire.common.credential.Secret;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.testing.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same on a real server; each test has a schema of its own. */
final class PostgresAuditTest extends ConflictAuditContract {
  private static EmbeddedPostgres server;
  private static int schemaCount;

  private final String schema = "test" + schemaCount++;

  @BeforeAll
  static void startServer() throws IOException {
    server = EmbeddedPostgres.start(15);
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @Override
  ConflictAudit audit(String name) throws Exception {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl("postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA IF NOT EXISTS " + schema + name);
    }
    return ConflictAudit.open(place(name), schemas);
  }

  @Override
  Connection connect(String name) throws Exception {
    return DriverManager.getConnection(
        server.jdbcUrl("postgres") + "&currentSchema=" + schema + name);
  }

  @Test
  void aServerThatIsAwayLosesNothingAndHeals() throws Exception {
    audit.project(List.of(outcome(1, status(1, "a", "b", "c"))));
    server.stop();
    try {
      assertThatThrownBy(() -> audit.project(List.of(outcome(2, status(2, "a", "b", "c")))))
          .isInstanceOfSatisfying(
              Fault.class,
              fault -> {
                assertThat(fault.healsByItself()).isTrue();
                assertThat(fault.kind()).isEqualTo(FaultKind.UNREACHABLE);
                assertThat(fault.place()).contains("127.0.0.1:" + server.port());
              });
      assertThat(audit.projectedThrough(LOG)).isEqualTo(LOG.at(1));
      assertThat(audit.countIfReadable(Conflicts.START)).isEmpty();
      assertThat(audit.newestIfReadable(5)).isEmpty();
      try (ConflictAudit late = ConflictAudit.open(place("audit"), schemas)) {
        assertThat(late.isReady()).isFalse();
        server.restart();
        await().ignoreExceptions().untilAsserted(late::prepare);
        assertThat(late.projectedThrough(LOG)).isEqualTo(LOG.at(1));
      }
    } finally {
      if (!server.isRunning()) {
        server.restart();
      }
    }
    await()
        .ignoreExceptions()
        .untilAsserted(() -> audit.project(List.of(outcome(2, status(2, "a", "b", "c")))));
    assertThat(audit.find(ConflictQuery.newest(10))).hasSize(2);
    assertThat(audit.countIfReadable(Conflicts.START)).hasValue(2);
  }

  @Test
  void aConnectionCutInTheCommitLosesNothing() throws Exception {
    audit.project(List.of(outcome(1, status(1, "a", "b", "c"))));
    // A deferred trigger runs in the commit.
    try (Connection connection = connect("audit");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS"
              + " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'");
      statement.execute(
          "CREATE CONSTRAINT TRIGGER cut AFTER UPDATE ON sync_conflicts_projected"
              + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()");
    }
    assertThatThrownBy(() -> audit.project(List.of(outcome(2, status(2, "a", "b", "c")))))
        .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue());
    try (Connection connection = connect("audit");
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TRIGGER cut ON sync_conflicts_projected");
    }
    audit.project(
        List.of(outcome(2, status(2, "a", "b", "c")), outcome(3, status(3, "a", "b", "c"))));
    assertThat(audit.find(ConflictQuery.newest(10))).hasSize(3);
  }

  @Test
  void aPasswordThatCanNotBeReadIsSaidAndHeals() {
    PostgresPlace place =
        new PostgresPlace(
            place("audit").url(),
            "nobody",
            () -> {
              throw Fault.of(FaultKind.USAGE, "read credentials", "the file can't be read")
                  .at("file:/nowhere")
                  .build();
            });
    try (ConflictAudit other = ConflictAudit.open(place, schemas)) {
      assertThat(other.isReady()).isFalse();
      assertThatThrownBy(other::prepare).hasMessageContaining("file:/nowhere");
    }
  }

  private PostgresPlace place(String name) {
    return new PostgresPlace(
        "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?currentSchema=" + schema + name,
        "postgres",
        () -> new Secret(""));
  }
}
