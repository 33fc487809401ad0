package io.spokewire.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * What every source of changes keeps, run against each engine. Each test has a database of its own
 * with the tables {@code orders(id integer key, note text, amount numeric)} (of two digits), which
 * logs before images, and {@code outside(id)}, which is not in scope.
 */
public abstract class ChangeSourceContract {
  protected static final Position LOG =
      Position.beginning(new LogIncarnation(UUID.randomUUID()), ChannelId.MAIN);
  protected static final MarkerSeal SEAL = new MarkerSeal(new byte[MarkerSeal.SECRET_LENGTH]);

  protected final SchemaBook schemas = new SchemaBook();

  /** Positions that were met; what a capture loop keeps. */
  protected final Set<Long> applied = new HashSet<>();

  /** Runs the statements in one transaction and commits. */
  protected abstract void commit(String... sql) throws Exception;

  /** Runs the statements in one transaction and rolls back. */
  protected abstract void rollBack(String... sql) throws Exception;

  /** The statement that writes this content where marks are written. */
  protected abstract String markStatement(Bytes content);

  /** A factory that asks {@link #isNew}. */
  protected abstract ChangeSource.Factory factory();

  protected boolean isNew(AppliedMarker marker) {
    return !applied.contains(marker.first().number());
  }

  protected EventReader open(SourcePosition after) {
    ChangeSource source =
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .ignoreExceptionsMatching(
                e -> e instanceof io.spokewire.common.fault.Fault f && f.healsByItself())
            .until(() -> factory().open(after), s -> true);
    return new EventReader(source, schemas);
  }

  protected EventReader open() {
    return open(SourcePosition.NONE);
  }

  @Test
  void givesInsertUpdateAndDeleteInCommitOrder() throws Exception {
    commit("insert into orders values (1, 'a', 1.50)");
    commit("update orders set note = 'b' where id = 1");
    commit("update orders set note = null, amount = 0.00 where id = 1");
    commit("delete from orders where id = 1");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, a, 1.50)");
      assertThat(reader.nextRows()).containsExactly("update orders [id=1] (_, a, _) -> (_, b, _)");
      assertThat(reader.nextRows())
          .containsExactly("update orders [id=1] (_, b, 1.50) -> (_, null, 0.00)");
      assertThat(reader.nextRows()).containsExactly("delete orders [id=1] (1, null, 0.00)");
    }
  }

  @Test
  void keepsTheRowsOfOneTransactionTogetherAndInOrder() throws Exception {
    commit(
        "insert into orders values (2, 'x', 1.00), (1, 'y', 2.00)",
        "update orders set amount = amount + 1 where id = 2",
        "update orders set amount = amount + 1 where id = 1",
        "delete from orders where id = 2");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows())
          .containsExactly(
              "insert orders [id=2] (2, x, 1.00)",
              "insert orders [id=1] (1, y, 2.00)",
              "update orders [id=2] (_, _, 1.00) -> (_, _, 2.00)",
              "update orders [id=1] (_, _, 2.00) -> (_, _, 3.00)",
              "delete orders [id=2] (2, x, 2.00)");
    }
  }

  @Test
  void linksTheOldAndTheNewKeyOfARow() throws Exception {
    commit("insert into orders values (1, 'a', 1.00)");
    commit("update orders set id = 9 where id = 1");
    try (EventReader reader = open()) {
      reader.next();
      assertThat(reader.nextRows())
          .containsExactly("rekey orders [id=1] -> [id=9] (1, a, 1.00) -> (9, a, 1.00)");
    }
  }

  @Test
  void givesNothingOfARollBackOrOfTablesOutside() throws Exception {
    rollBack("insert into orders values (1, 'lost', 1.00)");
    commit("insert into outside values (1)");
    commit("insert into orders values (2, 'kept', 1.00)", "insert into outside values (2)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=2] (2, kept, 1.00)");
    }
  }

  @Test
  void givesTheSameEventsAndBytesAfterReopening() throws Exception {
    commit("insert into orders values (1, 'a', 1.00)");
    commit("update orders set note = 'b'", "insert into orders values (2, 'c', 2.00)");
    commit("delete from orders where id = 1");
    EventReader.Whole first;
    EventReader.Whole second;
    EventReader.Whole third;
    try (EventReader reader = open()) {
      first = reader.nextWhole();
      second = reader.nextWhole();
      third = reader.nextWhole();
    }
    assertThat(factory().compare(first.position(), second.position())).isNegative();
    assertThat(factory().compare(SourcePosition.NONE, first.position())).isNegative();
    try (EventReader reader = open(first.position())) {
      assertThat(reader.nextWhole()).isEqualTo(second);
      assertThat(reader.nextWhole()).isEqualTo(third);
    }
    try (EventReader reader = open(second.position())) {
      assertThat(reader.nextWhole()).isEqualTo(third);
    }
    try (EventReader reader = open()) {
      assertThat(reader.nextWhole()).isEqualTo(first);
    }
  }

  @Test
  void reopensAfterEveryPositionItEverGave() throws Exception {
    commit("insert into orders values (1, 'a', 1.00)");
    commit("insert into outside values (1)");
    commit("insert into orders values (2, 'b', 2.00)");
    commit("insert into outside values (2)");
    List<Captured> events;
    try (EventReader reader = open()) {
      reader.next();
      reader.next();
      reader.next(event -> event instanceof Captured.Progress);
      events = reader.read();
    }
    commit("insert into orders values (3, 'c', 3.00)");
    for (int i = 0; i < events.size(); i++) {
      long left = events.stream().skip(i + 1).filter(e -> e instanceof Captured.Local).count();
      try (EventReader reader = open(events.get(i).position())) {
        for (long j = 0; j < left; j++) {
          reader.next();
        }
        assertThat(reader.nextRows()).containsExactly("insert orders [id=3] (3, c, 3.00)");
      }
    }
  }

  @Test
  void saysTheShapeBeforeItsFirstRow() throws Exception {
    commit("insert into orders values (1, 'a', 1.00)");
    try (EventReader reader = open()) {
      reader.next();
      List<Captured> events =
          reader.read().stream().filter(e -> !(e instanceof Captured.Progress)).toList();
      assertThat(events).hasSize(2);
      assertThat(events.get(0)).isInstanceOf(Captured.Shape.class);
      assertThat(((Captured.Shape) events.get(0)).schema().table().name()).isEqualTo("orders");
      // Reopened after the shape, its rows come again.
      try (EventReader again = new EventReader(reopen(reader, events.get(0)), schemas)) {
        assertThat(again.nextRows()).hasSize(1);
      }
    }
  }

  private ChangeSource reopen(EventReader reader, Captured after) {
    reader.close();
    return open(after.position()).source();
  }

  @Test
  void knowsWhatWeAppliedOurselves() throws Exception {
    AppliedMarker marker = new AppliedMarker(LOG.at(4), LOG.at(6), List.of());
    commit(
        markStatement(SEAL.seal(marker)),
        "insert into orders values (1, 'theirs', 1.00)",
        "update orders set note = 'theirs too'");
    commit("insert into orders values (2, 'ours', 1.00)");
    try (EventReader reader = open()) {
      Captured event = reader.next();
      assertThat(event).isInstanceOf(Captured.Applied.class);
      assertThat(((Captured.Applied) event).marker()).isEqualTo(marker);
      assertThat(reader.nextRows()).containsExactly("insert orders [id=2] (2, ours, 1.00)");
    }
  }

  @Test
  void takesAForgedOrCopiedMarkForAUsersOwnTransaction() throws Exception {
    Bytes sealed = SEAL.seal(new AppliedMarker(LOG.at(4), LOG.at(6), List.of()));
    byte[] forged = sealed.toByteArray();
    forged[forged.length - 1] ^= 1;
    commit(markStatement(Bytes.wrap(forged)), "insert into orders values (1, 'forged', 1.00)");
    commit(markStatement(sealed));
    commit(markStatement(sealed), "insert into orders values (2, 'copied', 1.00)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, forged, 1.00)");
      Captured event = reader.next();
      assertThat(event).isInstanceOf(Captured.Applied.class);
      applied.addAll(List.of(4L, 5L, 6L));
      assertThat(reader.nextRows()).containsExactly("insert orders [id=2] (2, copied, 1.00)");
    }
  }

  @Test
  void meetsABarrierInItsPlace() throws Exception {
    BarrierId barrier = new BarrierId(UUID.randomUUID());
    commit("insert into orders values (1, 'before', 1.00)");
    commit(markStatement(SEAL.seal(barrier)));
    commit("insert into orders values (2, 'after', 1.00)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, before, 1.00)");
      Captured event = reader.next();
      assertThat(event).isInstanceOf(Captured.Barrier.class);
      assertThat(((Captured.Barrier) event).barrier()).isEqualTo(barrier);
      assertThat(reader.nextRows()).containsExactly("insert orders [id=2] (2, after, 1.00)");
    }
  }
}
