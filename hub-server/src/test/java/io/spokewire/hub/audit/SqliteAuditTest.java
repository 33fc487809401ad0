package io.spokewire.hub.audit;

import static io.spokewire.hub.audit.Conflicts.LOG;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
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
