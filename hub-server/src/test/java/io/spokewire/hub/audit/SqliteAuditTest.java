package io.spokewire.hub.audit;

import static io.spokewire.hub.audit.Conflicts.LOG;
import static io.spokewire.hub.audit.Conflicts.START;
import static io.spokewire.hub.audit.Conflicts.conflict;
import static io.spokewire.hub.audit.Conflicts.outcome;
import static io.spokewire.hub.audit.Conflicts.status;
import static io.spokewire.hub.audit.Conflicts.text;
import static io.spokewire.hub.audit.Conflicts.withoutConflict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.fault.Fault;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.LogEntry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteAuditTest extends ConflictAuditContract {
  @TempDir Path directory;

  @Override
  ConflictAudit audit(String name) {
    return ConflictAudit.open(directory.resolve(name + ".db"), schemas);
  }

  @Override
  Connection connect(String name) throws Exception {
    return DriverManager.getConnection("jdbc:sqlite:" + directory.resolve(name + ".db"));
  }

  @Test
  void aFileThatIsNoDatabaseIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("notes.db"), "no database at all, but long");
    assertThatThrownBy(() -> ConflictAudit.open(file, schemas))
        .isInstanceOf(Fault.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("SQLite");
  }

  @Test
  void aCommitWhoseAnswerIsLostIsNotRepeated() {
    AtomicBoolean loseAnswer = new AtomicBoolean();
    try (ConflictAudit lossy =
        ConflictAudit.open(
            new LosingAnswers(SqliteAudit.open(directory.resolve("lossy.db")), loseAnswer),
            schemas)) {
      LogEntry first = outcome(1, status(1, "a", "b", "c"));
      LogEntry second = outcome(2, status(2, "a", "b", "c"));
      loseAnswer.set(true);
      assertThatThrownBy(() -> lossy.project(List.of(first))).isInstanceOf(Fault.class);
      loseAnswer.set(false);
      lossy.project(LOG.at(0), START, List.of(first, second));
      assertThat(lossy.find(ConflictQuery.newest(10))).hasSize(2);
      assertThat(lossy.projectedThrough(LOG)).isEqualTo(LOG.at(2));
    }
  }

  @Test
  void everyConflictIsThereOnceWhereverTheProcessDied() throws IOException {
    List<LogEntry> log = new ArrayList<>();
    for (int number = 1; number <= 12; number++) {
      log.add(
          number % 3 == 0
              ? withoutConflict(number)
              : outcome(
                  number,
                  status(number, "a", "b", "c"),
                  conflict(
                      number,
                      "total",
                      ConflictKind.UPDATE_CONCURRENT,
                      text("1"),
                      text("2"),
                      text("3"))));
    }
    for (int died = 0; died < log.size(); died++) {
      Path life = Files.createDirectory(directory.resolve("died-after-" + died));
      try (ConflictAudit first = ConflictAudit.open(life.resolve("audit.db"), schemas)) {
        for (LogEntry entry : log.subList(0, died)) {
          first.project(List.of(entry));
        }
        Path image = filesAsAKillLeavesThem(life);
        try (ConflictAudit second = ConflictAudit.open(image.resolve("audit.db"), schemas)) {
          assertThat(second.projectedThrough(LOG).number()).isEqualTo(died);
          second.project(log);
          assertThat(second.find(ConflictQuery.newest(100))).hasSize(16);
          assertThat(second.projectedThrough(LOG).number()).isEqualTo(12);
        }
      }
    }
  }

  /** Commits, and says that the connection broke. */
  private record LosingAnswers(AuditDatabase database, AtomicBoolean now) implements AuditDatabase {
    @Override
    public Connection connect() throws SQLException {
      Connection real = database.connect();
      return (Connection)
          Proxy.newProxyInstance(
              LosingAnswers.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                Object answer = method.invoke(real, arguments);
                if (method.getName().equals("commit") && now.get()) {
                  throw new SQLException("the connection broke");
                }
                return answer;
              });
    }

    @Override
    public boolean mayBeAway() {
      return true;
    }

    @Override
    public Fault failed(String operation, SQLException cause) {
      return database.failed(operation, cause);
    }

    @Override
    public void close() {
      database.close();
    }
  }

  /** The database and its write-ahead log as they are on disk while the audit is still open. */
  private static Path filesAsAKillLeavesThem(Path life) throws IOException {
    Path image = Files.createDirectory(life.resolve("image"));
    try (Stream<Path> files = Files.list(life)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.toString().endsWith("-shm")) {
          Files.copy(file, image.resolve(file.getFileName()));
        }
      }
    }
    return image;
  }
}
