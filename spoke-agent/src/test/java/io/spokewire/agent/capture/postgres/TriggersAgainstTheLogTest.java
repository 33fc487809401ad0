package io.spokewire.agent.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.RowText;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.trigger.TriggerCapture;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.testing.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What triggers give of a workload is what the log gives, transaction by transaction. */
class TriggersAgainstTheLogTest {
  private static final MarkerSeal SEAL = new MarkerSeal(new byte[MarkerSeal.SECRET_LENGTH]);

  @TempDir Path directory;

  @Test
  void theSameTransactionsWithTheSameRows() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.start(18);
        PgTestSite site = new PgTestSite(server)) {
      site.run(
          "create schema spokewire",
          "create table parent (id int primary key, amount numeric, at timestamptz)",
          "create table child (id int primary key, parent int references parent on delete cascade,"
              + " note text)",
          "create function touch() returns trigger language plpgsql as $$ begin"
              + " update parent set amount = amount + 1 where id = new.parent; return null; end $$",
          "create trigger touch after insert on child for each row execute function touch()",
          "alter table parent replica identity full",
          "alter table child replica identity full");
      TableScope scope = site.scope("*");
      site.publish(scope);
      try (Connection connection = site.asOwner.connect()) {
        connection.setAutoCommit(false);
        new PgChangeLog(connection).prepare();
        new PgTriggers().make(connection, site.catalogue(scope).tables());
        new PgChangeLog(connection).begin();
        connection.commit();
      }
      site.run("grant usage on schema spokewire to agent", "alter role agent superuser");
      List<Thread> writers = new ArrayList<>();
      for (int n = 0; n < 4; n++) {
        int writer = n;
        writers.add(Thread.ofPlatform().start(() -> write(site, writer)));
      }
      List<String> byLog = new ArrayList<>();
      List<String> byTrigger = new ArrayList<>();
      Thread log =
          Thread.ofPlatform()
              .start(
                  () ->
                      read(
                          new PgCapture(
                              site.asAgent,
                              new PgSlot(site.asAgent, site.name),
                              new PgPublication(site.name),
                              scope,
                              SEAL,
                              marker -> true,
                              new SpoolDirectory(makeDirectory("log")),
                              TimeSource.SYSTEM),
                          byLog));
      Thread triggers =
          Thread.ofPlatform()
              .start(
                  () ->
                      read(
                          new TriggerCapture(
                              new PgTriggeredDatabase(
                                  site.asAgent,
                                  scope,
                                  SEAL,
                                  marker -> true,
                                  new SpoolDirectory(makeDirectory("triggers"))),
                              TimeSource.SYSTEM),
                          byTrigger));
      for (Thread writer : writers) {
        writer.join();
      }
      site.run("insert into parent values (0, 0, now())");
      log.join();
      triggers.join();
      assertThat(byTrigger).hasSizeGreaterThan(200).containsExactlyInAnyOrderElementsOf(byLog);
    }
  }

  private Path makeDirectory(String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(PgTestSite site, int writer) {
    Random random = new Random(writer);
    try (Connection connection = site.asOwner.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int n = 0; n < 150; n++) {
        int parent = 1 + random.nextInt(6);
        int child = 1 + writer * 1000 + n;
        try {
          statement.execute(
              "insert into parent values ("
                  + parent
                  + ", 0, now()) on conflict (id) do update set"
                  + " amount = parent.amount + 10");
          statement.execute(
              "insert into child values ("
                  + child
                  + ", "
                  + parent
                  + ", '"
                  + writer
                  + "-"
                  + n
                  + "')");
          if (random.nextInt(4) == 0) {
            statement.execute("savepoint a");
            statement.execute("update child set note = 'gone' where parent = " + parent);
            statement.execute("rollback to a");
          }
          if (random.nextInt(8) == 0) {
            statement.execute("delete from parent where id = " + parent);
          }
          if (random.nextInt(6) == 0) {
            connection.rollback();
          } else {
            connection.commit();
          }
        } catch (SQLException e) {
          connection.rollback(); // a deadlock, or the parent is gone
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void read(ChangeSource.Factory factory, List<String> transactions) {
    SchemaBook schemas = new SchemaBook();
    RowText text = new RowText(schemas);
    try (ChangeSource source = factory.open(SourcePosition.NONE)) {
      while (true) {
        switch (source.next(Duration.ofMillis(50))) {
          case Captured.Shape shape -> schemas.add(shape.schema());
          case Captured.Local local -> {
            try (var rows = local.rows()) {
              String transaction = String.join("\n", text.of(rows));
              if (transaction.contains("insert parent [id=0]")) {
                return;
              }
              transactions.add(transaction);
            }
          }
          case null -> {}
          default -> {}
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
