package io.spokewire.agent.capture.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSourceContract;
import io.spokewire.agent.capture.EventReader;
import io.spokewire.agent.schema.TestSite;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The contract of every source, and what sources that read what triggers logged keep beside. */
public abstract class TriggerSourceContract extends ChangeSourceContract {
  /** The test's database, with triggers on {@code orders}. */
  protected abstract TestSite site();

  /** A statement that takes a twentieth of a second. */
  protected abstract String nap();

  /** Begins the change log anew, as a join does. */
  protected abstract void beginLogAnew() throws Exception;

  @Override
  protected void commit(String... sql) throws Exception {
    site().transaction(true, sql);
  }

  @Override
  protected void rollBack(String... sql) throws Exception {
    site().transaction(false, sql);
  }

  @Test
  void keepsTheOrderOfEveryRowsVersionsWhateverTheOrderOfCommits() throws Exception {
    commit("insert into orders values (1, 's', 0), (2, 's', 0), (3, 's', 0), (4, 's', 0)");
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> writers = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      Random random = new Random(n);
      int writer = n;
      writers.add(Thread.ofPlatform().start(() -> write(random, writer, stop)));
    }
    Map<String, String> notes = new TreeMap<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(4).toNanos();
    try (EventReader reader = open()) {
      while (System.nanoTime() < deadline) {
        replay(reader.nextRows(), notes);
      }
      stop.set(true);
      for (Thread writer : writers) {
        writer.join();
      }
      commit("insert into orders values (99, 'last', 0)");
      while (!notes.containsKey("99")) {
        replay(reader.nextRows(), notes);
      }
    }
    for (String id : List.of("1", "2", "3", "4")) {
      assertThat(notes.get(id)).isEqualTo(site().query("select note from orders where id = " + id));
    }
  }

  /** Transactions of one to three updates, some rolled back, some slow, all of one session. */
  private void write(Random random, int writer, AtomicBoolean stop) {
    try (Connection connection = site().connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int n = 0; !stop.get(); n++) {
        int first = 1 + random.nextInt(4);
        for (int i = 0; i <= random.nextInt(3) && first + i <= 4; i++) {
          statement.execute(
              "update orders set note = '" + writer + "-" + n + "' where id = " + (first + i));
          if (random.nextInt(20) == 0) {
            statement.execute(nap());
          }
        }
        if (random.nextInt(5) == 0) {
          connection.rollback();
        } else {
          connection.commit();
        }
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Every update must replace what the one before it left; those that change nothing may come. */
  protected static void replay(List<String> rows, Map<String, String> notes) {
    for (String row : rows) {
      String id = row.substring(row.indexOf('=') + 1, row.indexOf(']'));
      if (row.startsWith("insert")) {
        notes.put(id, row.replaceAll(".*\\(\\d+, ([^,]*),.*", "$1"));
      } else if (!row.contains("(_, _, _)")) {
        String before = row.replaceAll(".*\\(_, ([^,]*), _\\) ->.*", "$1");
        assertThat(notes.put(id, row.replaceAll(".*-> \\(_, ([^,]*), _\\)", "$1")))
            .describedAs(row)
            .isEqualTo(before);
      }
    }
  }

  @Test
  void losesNothingToATransactionThatIsOpenForLong() throws Exception {
    try (Connection slow = site().connect();
        Statement statement = slow.createStatement();
        EventReader reader = open()) {
      slow.setAutoCommit(false);
      statement.execute("insert into orders values (1, 'slow', 1.00)");
      for (int i = 2; i < 6; i++) {
        rollBack("insert into orders values (" + i + ", 'void', 1.00)");
        commit("insert into orders values (" + i + ", 'quick', 1.00)");
        assertThat(reader.nextRows()).hasSize(1);
      }
      Captured last = reader.next(event -> event instanceof Captured.Progress);
      reader.source().confirm(last.position());
      Awaitility.await()
          .until(
              () -> {
                reader.source().next(Duration.ofMillis(50));
                return "0".equals(site().query("select count(*) from spokewire.change_log"));
              });
      slow.commit();
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, slow, 1.00)");
      afterTheSlowOne(reader);
    }
  }

  /** What an engine has to do once a transaction has ended that was open for long. */
  protected void afterTheSlowOne(EventReader reader) throws Exception {}

  @Test
  void saysSoWhenTheLogDoesNotHaveWhatFollows() throws Exception {
    Captured first;
    Captured end;
    commit("insert into orders values (1, 'a', 1.00)");
    try (EventReader reader = open()) {
      first = reader.next();
      ((Captured.Local) first).rows().close();
      end = reader.next(event -> event instanceof Captured.Progress);
    }
    beginLogAnew();
    for (Captured stale : List.of(first, end)) {
      assertThatThrownBy(() -> factory().open(stale.position()).close())
          .isInstanceOf(Fault.class)
          .hasMessageContaining("capture stands in")
          .matches(e -> ((Fault) e).kind() == FaultKind.NEGATIVE);
    }
  }
}
