package io.spokewire.common.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every {@link DurableQueue} must do. A subclass gives a new queue for each test. */
public abstract class DurableQueueContract {
  private final List<DurableQueue> opened = new ArrayList<>();

  /** An empty queue. */
  protected abstract DurableQueue open();

  /** The same queue after it was closed and opened again. */
  protected abstract DurableQueue reopen(DurableQueue queue);

  @AfterEach
  void closeAll() {
    opened.forEach(DurableQueue::close);
  }

  private DurableQueue queue() {
    DurableQueue queue = open();
    opened.add(queue);
    return queue;
  }

  @Test
  void anEmptyQueueHasNothing() {
    DurableQueue queue = queue();
    assertThat(queue.lastIndex()).isEqualTo(DurableQueue.NO_INDEX);
    assertThat(readAll(queue, 0)).isEmpty();
    queue.trimBefore(100);
    queue.sync();
    assertThat(queue.lastIndex()).isEqualTo(DurableQueue.NO_INDEX);
  }

  @Test
  void entriesComeBackInOrderUnderTheirIndexes() {
    DurableQueue queue = queue();
    List<Long> indexes = appendAll(queue, 0, 1000);
    assertThat(indexes).isSorted().doesNotHaveDuplicates().allMatch(i -> i > 0);
    assertThat(queue.lastIndex()).isEqualTo(indexes.getLast());

    try (DurableQueue.Reader reader = queue.readFrom(0)) {
      for (int i = 0; i < 1000; i++) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.index()).isEqualTo(indexes.get(i));
        assertThat(reader.entry()).isEqualTo(entry(i));
      }
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void anEntryMayBeEmptyOrBig() {
    DurableQueue queue = queue();
    List<Bytes> entries =
        List.of(Bytes.EMPTY, noise(20 << 20), Bytes.EMPTY, noise(3 << 20), noise(1));
    entries.forEach(queue::append);
    assertThat(readAll(queue, 0)).isEqualTo(entries);
    assertThat(readAll(reopened(queue), 0)).isEqualTo(entries);
  }

  @Test
  void theQueueKeepsItsOwnCopy() {
    DurableQueue queue = queue();
    byte[] mine = {1, 2, 3};
    queue.append(Bytes.wrap(mine));
    mine[0] = 9;
    assertThat(readAll(queue, 0)).containsExactly(Bytes.fromHex("010203"));
  }

  @Test
  void anEntryStaysValidWhileTheReaderGoesOn() {
    DurableQueue queue = queue();
    appendAll(queue, 0, 2);
    try (DurableQueue.Reader reader = queue.readFrom(0)) {
      reader.next();
      Bytes first = reader.entry();
      reader.next();
      assertThat(first).isEqualTo(entry(0));
    }
  }

  @Test
  void aReaderBeginsAtTheIndexItIsGiven() {
    DurableQueue queue = queue();
    List<Long> indexes = appendAll(queue, 0, 300);
    for (int i : new int[] {0, 1, 150, 299}) {
      assertThat(readAll(queue, indexes.get(i))).isEqualTo(entries(i, 300));
    }
    assertThat(readAll(queue, indexes.getLast() + 1)).isEmpty();
    assertThat(readAll(queue, -5)).hasSize(300);
  }

  @Test
  void aReaderAtTheEndSeesWhatIsAppendedLater() {
    DurableQueue queue = queue();
    try (DurableQueue.Reader fromStart = queue.readFrom(0)) {
      assertThat(fromStart.next()).isFalse();
      long first = queue.append(entry(0));
      assertThat(fromStart.next()).isTrue();
      assertThat(fromStart.entry()).isEqualTo(entry(0));
      assertThat(fromStart.next()).isFalse();
      try (DurableQueue.Reader fromEnd = queue.readFrom(first + 1)) {
        assertThat(fromEnd.next()).isFalse();
        queue.append(entry(1));
        assertThat(fromEnd.next()).isTrue();
        assertThat(fromEnd.entry()).isEqualTo(entry(1));
      }
    }
  }

  @Test
  void readersDoNotDisturbEachOther() {
    DurableQueue queue = queue();
    appendAll(queue, 0, 10);
    try (DurableQueue.Reader one = queue.readFrom(0);
        DurableQueue.Reader other = queue.readFrom(0)) {
      for (int i = 0; i < 10; i++) {
        assertThat(one.next()).isTrue();
      }
      assertThat(other.next()).isTrue();
      assertThat(other.entry()).isEqualTo(entry(0));
    }
  }

  @Test
  void everythingIsThereAfterReopeningAndIndexesGoOn() {
    DurableQueue queue = queue();
    List<Long> indexes = appendAll(queue, 0, 100);
    queue.sync();
    DurableQueue again = reopened(queue);
    assertThat(again.lastIndex()).isEqualTo(indexes.getLast());
    assertThat(readAll(again, 0)).isEqualTo(entries(0, 100));
    assertThat(appendAll(again, 100, 120)).allMatch(i -> i > indexes.getLast()).isSorted();
    assertThat(readAll(again, 0)).isEqualTo(entries(0, 120));
    assertThat(readAll(again, indexes.get(50))).isEqualTo(entries(50, 120));
  }

  @Test
  void trimmingKeepsWhatIsAtOrAfterTheIndex() {
    DurableQueue queue = queue();
    List<Long> indexes = appendAll(queue, 0, 200);
    queue.trimBefore(indexes.get(120));
    assertThat(readAll(queue, indexes.get(120))).isEqualTo(entries(120, 200));
    List<Bytes> kept = readAll(queue, 0);
    assertThat(kept).endsWith(entries(120, 200).toArray(Bytes[]::new));
    DurableQueue again = reopened(queue);
    assertThat(readAll(again, 0)).endsWith(entries(120, 200).toArray(Bytes[]::new));
  }

  @Test
  void trimmingNeverDeletesTheLastEntry() {
    DurableQueue queue = queue();
    List<Long> indexes = appendAll(queue, 0, 50);
    queue.trimBefore(Long.MAX_VALUE);
    assertThat(queue.lastIndex()).isEqualTo(indexes.getLast());
    assertThat(readAll(queue, 0)).endsWith(entry(49));
    DurableQueue again = reopened(queue);
    assertThat(readAll(again, 0)).endsWith(entry(49));
    assertThat(again.append(entry(50))).isGreaterThan(indexes.getLast());
  }

  @Test
  void aReaderGoesOnWhenWhatItStoodOnIsTrimmed() {
    DurableQueue queue = queue();
    List<Long> indexes = appendAll(queue, 0, 200);
    try (DurableQueue.Reader reader = queue.readFrom(0)) {
      assertThat(reader.next()).isTrue();
      queue.trimBefore(indexes.get(150));
      List<Bytes> rest = new ArrayList<>();
      while (reader.next()) {
        rest.add(reader.entry());
      }
      assertThat(rest).endsWith(entries(150, 200).toArray(Bytes[]::new));
    }
  }

  @Test
  void sizeGrowsWithWhatIsAppended() {
    DurableQueue queue = queue();
    queue.append(entry(0));
    long before = queue.sizeInBytes();
    queue.append(noise(2_000_000));
    assertThat(queue.sizeInBytes()).isGreaterThanOrEqualTo(before + 2_000_000);
  }

  @Test
  void oneThreadAppendsWhileAnotherReadsAndTrims() throws Exception {
    DurableQueue queue = queue();
    int count = 10_000;
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> appending =
          threads.submit(
              () -> {
                for (int i = 0; i < count; i++) {
                  queue.append(entry(i));
                  if (i % 3_000 == 0) {
                    queue.sync();
                  }
                }
              });
      Future<Integer> reading =
          threads.submit(
              () -> {
                int seen = 0;
                try (DurableQueue.Reader reader = queue.readFrom(0)) {
                  while (seen < count) {
                    if (reader.next()) {
                      assertThat(reader.entry()).isEqualTo(entry(seen));
                      seen++;
                      if (seen % 1_000 == 0) {
                        queue.trimBefore(reader.index());
                      }
                    } else if (appending.state() == Future.State.FAILED) {
                      fail("appending failed", appending.exceptionNow());
                    } else {
                      Thread.onSpinWait();
                    }
                  }
                }
                return seen;
              });
      appending.get(60, TimeUnit.SECONDS);
      assertThat(reading.get(60, TimeUnit.SECONDS)).isEqualTo(count);
    } finally {
      threads.shutdownNow();
    }
  }

  private DurableQueue reopened(DurableQueue queue) {
    DurableQueue again = reopen(queue);
    opened.remove(queue);
    opened.add(again);
    return again;
  }

  /** The entry that tests call number {@code i}: its number, then bytes that depend on it. */
  protected static Bytes entry(int i) {
    ByteSink sink = new ByteSink();
    sink.putInt32(i);
    Random random = new Random(i);
    byte[] rest = new byte[random.nextInt(300)];
    random.nextBytes(rest);
    return sink.put(rest).toBytes();
  }

  protected static List<Bytes> entries(int from, int to) {
    List<Bytes> entries = new ArrayList<>();
    for (int i = from; i < to; i++) {
      entries.add(entry(i));
    }
    return entries;
  }

  protected static List<Long> appendAll(DurableQueue queue, int from, int to) {
    List<Long> indexes = new ArrayList<>();
    for (int i = from; i < to; i++) {
      indexes.add(queue.append(entry(i)));
    }
    return indexes;
  }

  protected static List<Bytes> readAll(DurableQueue queue, long index) {
    List<Bytes> found = new ArrayList<>();
    try (DurableQueue.Reader reader = queue.readFrom(index)) {
      while (reader.next()) {
        found.add(reader.entry());
      }
    }
    return found;
  }

  protected static Bytes noise(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }
}
