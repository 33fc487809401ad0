package io.spokewire.agent.queue;

import static java.util.Comparator.naturalOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.id.Writer;
import io.spokewire.common.queue.InMemoryQueue;
import io.spokewire.common.queue.chronicle.ChronicleDurableQueue;
import io.spokewire.common.wire.UpstreamCodec;
import io.spokewire.common.wire.UpstreamHeader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboxTest {
  private static final SpokeId LISBON = new SpokeId("lisbon");
  private static final LogIncarnation LOG = new LogIncarnation(new UUID(1, 2));
  private static final Writer WRITER = new Writer(LISBON, Epoch.FIRST, ChannelId.MAIN);
  private static final UpstreamCodec CODEC = new UpstreamCodec(LISBON, LOG, ChannelId.MAIN);
  private static final Comparator<SourcePosition> ORDER =
      Comparator.comparing(SourcePosition::token);
  private static final TableSchema ORDERS = schema("orders");
  private static final int LARGEST_PIECE = 200;
  private static final int MARKS_KEPT = 2_000;
  private static final Outbox.Sizes SIZES = new Outbox.Sizes(LARGEST_PIECE, MARKS_KEPT);

  // What capture gives

  @Test
  void transactionsAreNumberedAndChained() {
    Outbox outbox = started(new InMemoryQueue());
    RowBlock first = rows(1, 1);
    RowBlock second = rows(2, 2);
    assertThat(outbox.committed(at(10), 1_000, seen(0), RowChunks.of(first))).isEqualTo(number(1));
    assertThat(outbox.committed(at(20), 2_000, seen(5), RowChunks.of(second))).isEqualTo(number(2));

    ChainHash one = ChainHash.START.link(at(10)).add(first.bytes()).close();
    ChainHash two = one.link(at(20)).add(second.bytes()).close();
    assertThat(transactions(outbox, 0))
        .containsExactly(
            new Transaction(
                WRITER, number(1), at(10), new HybridTime(1_000, 0), seen(0), one, first, 0),
            new Transaction(
                WRITER, number(2), at(20), new HybridTime(2_000, 0), seen(5), two, second, 0));
    assertThat(outbox.pendingTransactions()).isEqualTo(2);
  }

  @Test
  void timesGrowThoughTheClockGoesBackOrAnotherSiteIsAhead() {
    Outbox outbox = started(new InMemoryQueue());
    outbox.committed(at(10), 5_000, seen(0), RowChunks.of(rows(1, 1)));
    outbox.committed(at(20), 4_000, seen(0), RowChunks.of(rows(1, 2)));
    outbox.saw(new HybridTime(9_000, 3));
    outbox.committed(at(30), 6_000, seen(0), RowChunks.of(rows(1, 3)));
    assertThat(transactions(outbox, 0))
        .extracting(Transaction::time)
        .containsExactly(
            new HybridTime(5_000, 0), new HybridTime(5_000, 1), new HybridTime(9_000, 4));
  }

  @Test
  void whatWasRecordedBeforeIsDropped() {
    Outbox outbox = started(new InMemoryQueue());
    outbox.committed(at(10), 1_000, seen(0), RowChunks.of(rows(1, 1)));
    outbox.committed(at(20), 1_000, seen(0), RowChunks.of(rows(1, 2)));
    assertThat(outbox.contextMark(at(30), seen(4))).isTrue();

    assertThat(outbox.committed(at(20), 1_000, seen(0), RowChunks.of(rows(1, 2))))
        .isEqualTo(Sequence.NONE);
    assertThat(outbox.contextMark(at(30), seen(4))).isFalse();
    assertThat(outbox.barrierMark(new BarrierId(new UUID(0, 1)), at(25), seen(4))).isFalse();
    assertThat(records(outbox, 0)).hasSize(3);
  }

  @Test
  void anotherTransactionAtAKnownPositionIsABrokenInvariant() {
    Outbox outbox = started(new InMemoryQueue());
    outbox.committed(at(10), 1_000, seen(0), RowChunks.of(rows(1, 1)));
    assertThatThrownBy(() -> outbox.committed(at(10), 1_000, seen(0), RowChunks.of(rows(1, 99))))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("invariant I2");
  }

  @Test
  void aContextThatShrinksIsABrokenInvariant() {
    Outbox outbox = started(new InMemoryQueue());
    outbox.committed(at(10), 1_000, seen(7), RowChunks.of(rows(1, 1)));
    assertThatThrownBy(() -> outbox.committed(at(20), 1_000, seen(6), RowChunks.of(rows(1, 2))))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("invariant I4");
  }

  @Test
  void aShapeIsRecordedOnce() {
    Outbox outbox = started(new InMemoryQueue());
    outbox.shape(ORDERS);
    outbox.shape(ORDERS);
    outbox.shape(schema("lines"));
    assertThat(records(outbox, 0))
        .containsExactly(
            new UpstreamRecord.Shape(ORDERS), new UpstreamRecord.Shape(schema("lines")));
    assertThat(outbox.shapes()).hasSize(2);
  }

  // Large transactions

  @Test
  void aLargeTransactionIsStagedInChunks() {
    Outbox outbox = started(new InMemoryQueue());
    RowBlock all = rows(100, 7);
    outbox.committed(at(10), 1_000, seen(0), RowChunks.of(all));

    List<UpstreamRecord> records = records(outbox, 0);
    UpstreamRecord.Committed last = (UpstreamRecord.Committed) records.getLast();
    assertThat(records.size()).isGreaterThan(5);
    assertThat(last.transaction().stagedChunks()).isEqualTo(records.size() - 1);
    RowBlockWriter joined = new RowBlockWriter();
    for (int i = 0; i < records.size() - 1; i++) {
      UpstreamRecord.Chunk chunk = (UpstreamRecord.Chunk) records.get(i);
      assertThat(chunk.chunk().index()).isEqualTo(i);
      assertThat(chunk.chunk().sequence()).isEqualTo(number(1));
      assertThat(chunk.chunk().rows().bytes().length()).isLessThanOrEqualTo(LARGEST_PIECE);
      joined.putAll(chunk.chunk().rows());
    }
    assertThat(joined.putAll(last.transaction().rows()).toBlock()).isEqualTo(all);
    assertThat(last.transaction().hash())
        .isEqualTo(ChainHash.START.link(at(10)).add(all.bytes()).close());
  }

  @Test
  void theHashDoesNotDependOnHowTheSourceCutsItsRows() {
    RowBlock all = rows(60, 3);
    Outbox whole = started(new InMemoryQueue());
    whole.committed(at(10), 1_000, seen(0), RowChunks.of(all));
    Outbox cut = started(new InMemoryQueue());
    cut.committed(at(10), 1_000, seen(0), chunks(all, 1));
    assertThat(cut.tail()).isEqualTo(whole.tail());
    assertThat(records(cut, 0)).hasSameSizeAs(records(whole, 0));
  }

  @Test
  void aRowLargerThanAPieceStaysWhole() {
    Outbox outbox = started(new InMemoryQueue());
    RowBlockWriter writer = new RowBlockWriter();
    writer.putAll(rows(1, 1)).putAll(row(Bytes.wrap(new byte[5_000]))).putAll(rows(1, 2));
    outbox.committed(at(10), 1_000, seen(0), RowChunks.of(writer.toBlock()));
    assertThat(records(outbox, 0)).hasSize(3);
  }

  @Test
  void chunksLeftByACrashAreFollowedByAllChunksAgain() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    outbox.committed(at(10), 1_000, seen(0), RowChunks.of(rows(1, 1)));
    outbox.committed(at(20), 1_000, seen(0), RowChunks.of(rows(100, 2)));
    List<UpstreamRecord> before = records(outbox, 1);
    ChainHash hash = outbox.tail().orElseThrow().hash();

    Outbox again = Outbox.open(queue.afterCrash(4), CODEC, WRITER, ORDER, SIZES);
    again.resume(Optional.of(OutboxTail.start(seen(0))), SourcePosition.NONE);
    again.committed(at(20), 1_000, seen(0), RowChunks.of(rows(100, 2)));
    assertThat(again.tail().orElseThrow().hash()).isEqualTo(hash);
    assertThat(records(again, 1).subList(0, 3)).isEqualTo(before.subList(0, 3));
    assertThat(records(again, 1).subList(3, before.size() + 3)).isEqualTo(before);
  }

  // What the uplink takes

  @Test
  void theReaderGivesWhatComesAfterTheHubsLast() {
    Outbox outbox = started(new InMemoryQueue());
    outbox.shape(ORDERS);
    outbox.committed(at(10), 1_000, seen(0), RowChunks.of(rows(1, 1)));
    outbox.contextMark(at(15), seen(3));
    outbox.shape(schema("lines"));
    outbox.committed(at(20), 1_000, seen(3), RowChunks.of(rows(100, 2)));
    outbox.spill(at(25));
    outbox.barrierMark(new BarrierId(new UUID(0, 1)), at(30), seen(3));

    assertThat(records(outbox, 0).getFirst()).isEqualTo(new UpstreamRecord.Shape(ORDERS));
    assertThat(records(outbox, 1).subList(0, 2))
        .containsExactly(
            new UpstreamRecord.ContextMark(at(15), seen(3)),
            new UpstreamRecord.Shape(schema("lines")));
    assertThat(records(outbox, 2))
        .containsExactly(
            new UpstreamRecord.BarrierMark(new BarrierId(new UUID(0, 1)), at(30), seen(3)));
    assertThat(records(outbox, 3)).isEmpty();
  }

  @Test
  void aReaderAtTheEndGoesOnWithWhatIsCapturedLater() {
    Outbox outbox = started(new InMemoryQueue());
    try (OutboxReader reader = outbox.readAfter(Sequence.NONE)) {
      assertThat(reader.next()).isFalse();
      outbox.committed(at(10), 1_000, seen(0), RowChunks.of(rows(1, 1)));
      assertThat(reader.next()).isTrue();
      assertThat(reader.header())
          .isEqualTo(new UpstreamHeader(Epoch.FIRST, UpstreamHeader.Kind.TRANSACTION, number(1)));
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void whatTheHubAcknowledgedIsTrimmedButNeverTheLastTransaction() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    for (int i = 1; i <= 2_000; i++) {
      outbox.committed(at(i), i, seen(0), RowChunks.of(rows(2, i)));
    }
    long before = queue.sizeInBytes();
    assertThat(outbox.pendingTransactions()).isEqualTo(2_000);
    assertThat(outbox.pendingBytes()).isEqualTo(before);

    outbox.acknowledge(number(1_500), SourcePosition.NONE);
    assertThat(outbox.pendingTransactions()).isEqualTo(500);
    assertThat(queue.sizeInBytes()).isLessThan(before / 2);
    assertThat(outbox.pendingBytes()).isBetween(before / 5, before / 2);
    assertThat(transactions(outbox, 1_500)).hasSize(500);

    outbox.acknowledge(number(2_000), SourcePosition.NONE);
    outbox.contextMark(at(3_000), seen(9));
    outbox.acknowledge(number(2_000), SourcePosition.NONE);
    assertThat(outbox.pendingTransactions()).isZero();
    assertThat(outbox.pendingBytes()).isZero();
    OutboxTail tail = outbox.tail().orElseThrow();
    Outbox again = Outbox.open(queue.afterCrash(Long.MAX_VALUE), CODEC, WRITER, ORDER, SIZES);
    assertThat(again.tail()).contains(tail);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void marksBehindTheLastTransactionDoNotPileUp(int transactions) {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    for (int i = 1; i <= transactions; i++) {
      outbox.committed(at(i), i, seen(0), RowChunks.of(rows(2, i)));
    }
    for (int i = 10; i < 2_000; i++) {
      outbox.contextMark(at(i), seen(i));
      outbox.acknowledge(number(transactions), at(i - 3)); // three are under way
    }
    assertThat(queue.sizeInBytes()).isLessThan(4 * MARKS_KEPT);

    Outbox again = reopened(queue.afterCrash(queue.lastIndex()));
    assertThat(again.resume(Optional.of(outbox.tail().orElseThrow()), at(1_996)))
        .isEqualTo(new Resumption.Ready(outbox.tail().orElseThrow()));
    assertThat(again.pendingTransactions()).isZero();
    assertThat(again.committed(at(3_000), 9, seen(2_000), RowChunks.of(rows(1, 9))))
        .isEqualTo(number(transactions + 1));
    assertThat(transactions(again, transactions)).hasSize(1);
    assertThat(transactions(again, transactions).getFirst().rows().isEmpty()).isFalse();
  }

  @Test
  void marksThatTheHubHasNotTakenAreKept() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    outbox.committed(at(1), 1, seen(0), RowChunks.of(rows(2, 1)));
    outbox.acknowledge(number(1), at(1));
    BarrierId barrier = new BarrierId(new UUID(0, 1));
    outbox.barrierMark(barrier, at(5), seen(5));
    for (int i = 10; i < 500; i++) {
      outbox.contextMark(at(i), seen(i));
      outbox.acknowledge(number(1), at(4));
    }
    assertThat(records(outbox, 1))
        .startsWith(new UpstreamRecord.BarrierMark(barrier, at(5), seen(5)))
        .hasSize(491);
    assertThat(transactions(outbox, 1)).isEmpty(); // not the copy without rows
    assertThat(transactions(outbox, 0)).hasSize(1);
    assertThat(records(reopened(queue.afterCrash(queue.lastIndex())), 1)).hasSize(491);
  }

  @Test
  void aSiteThatWritesAgainAfterALongRestIsSentFromThere() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    outbox.committed(at(1), 1, seen(0), RowChunks.of(rows(2, 1)));
    for (int i = 10; i < 300; i++) {
      outbox.contextMark(at(i), seen(i));
      outbox.acknowledge(number(1), at(i));
    }
    outbox.shape(ORDERS);
    outbox.committed(at(400), 2, seen(300), RowChunks.of(rows(100, 2)));
    List<UpstreamRecord> sent = records(outbox, 1);
    assertThat(sent).contains(new UpstreamRecord.Shape(ORDERS));
    assertThat(transactions(outbox, 1)).extracting(Transaction::sequence).containsOnly(number(2));
    assertThat(records(reopened(queue.afterCrash(queue.lastIndex())), 1)).isEqualTo(sent);
    assertThat(outbox.pendingBytes()).isLessThan(3 * MARKS_KEPT + 8_000L);
    outbox.acknowledge(number(2), at(400));
    assertThat(outbox.pendingBytes()).isZero();
  }

  @Test
  void theCopyWithoutRowsIsNeverSentToAHubThatLostTheTransaction() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    outbox.committed(at(1), 1, seen(0), RowChunks.of(rows(2, 1)));
    for (int i = 10; i < 300; i++) {
      outbox.contextMark(at(i), seen(i));
      outbox.acknowledge(number(1), at(i));
    }
    Outbox again = reopened(queue.afterCrash(queue.lastIndex()));
    assertThatThrownBy(() -> again.readAfter(Sequence.NONE)).isInstanceOf(Fault.class);
    assertThat(again.difference(Sequence.NONE, ChainHash.START)).isPresent();
    assertThat(again.difference(number(1), ChainHash.START)).isPresent();
    assertThat(again.difference(number(1), outbox.tail().orElseThrow().hash())).isEmpty();
  }

  @Test
  void whatARestStandsForIsDeletedOnlyOnceTheRestIsOnDisk() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    outbox.committed(at(1), 1, seen(0), RowChunks.of(rows(2, 1)));
    OutboxTail before = outbox.tail().orElseThrow();
    for (int i = 10; i < 600; i++) {
      outbox.contextMark(at(i), seen(i));
      outbox.acknowledge(number(1), at(i));
      // A loss of power takes what was not synced; what was, says where the writer stands.
      long synced = queue.syncedIndex();
      if (synced != InMemoryQueue.NO_INDEX) {
        Outbox left = reopened(queue.afterCrash(synced));
        assertThat(left.tail()).as("after %s marks", i).isPresent();
        assertThat(left.tail().orElseThrow().last()).isEqualTo(before.last());
        assertThat(left.tail().orElseThrow().hash()).isEqualTo(before.hash());
      }
    }
    assertThat(queue.syncedIndex()).isNotEqualTo(InMemoryQueue.NO_INDEX);
  }

  @Test
  void aCrashAnywhereBehindTheLastTransactionOnDiskIsHarmless(@TempDir Path directory) {
    ChainHash hash;
    try (Outbox outbox = smallOnDisk(directory)) {
      outbox.resume(Optional.of(OutboxTail.start(seen(0))), SourcePosition.NONE);
      outbox.committed(at(1), 1, seen(0), RowChunks.of(rows(2, 1)));
      hash = outbox.tail().orElseThrow().hash();
    }
    long largest = 0;
    for (int life = 0; life < 40; life++) {
      try (Outbox outbox = smallOnDisk(directory)) {
        OutboxTail tail = outbox.tail().orElseThrow();
        assertThat(tail.last()).isEqualTo(number(1));
        assertThat(tail.hash()).isEqualTo(hash);
        int from = life == 0 ? 10 : 10 + life * 37;
        assertThat(tail.position()).isEqualTo(life == 0 ? at(1) : at(from - 1));
        outbox.resume(Optional.empty(), SourcePosition.NONE);
        for (int i = from; i < 10 + (life + 1) * 37; i++) { // ends at another step each time
          outbox.contextMark(at(i), seen(i));
          if (i % 5 != 0) {
            outbox.acknowledge(number(1), at(i - 1));
          }
        }
        largest = Math.max(largest, outbox.sizeInBytes());
        assertThat(transactions(outbox, 1)).isEmpty();
      }
    }
    assertThat(largest).isLessThan(20_000);
  }

  private static Outbox smallOnDisk(Path directory) {
    return Outbox.open(ChronicleDurableQueue.open(directory, 4_000), CODEC, WRITER, ORDER, SIZES);
  }

  @Test
  void aHubThatLostWhatItAcknowledgedIsFoundOut() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    for (int i = 1; i <= 2_000; i++) {
      outbox.committed(at(i), i, seen(0), RowChunks.of(rows(2, i)));
    }
    outbox.acknowledge(number(1_999), SourcePosition.NONE);
    assertThatThrownBy(() -> outbox.readAfter(number(3)))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("the hub has transactions to 3");
    assertThat(outbox.difference(number(3), ChainHash.START)).isPresent();
    assertThat(reopened(queue).resume(Optional.of(hubAt(3)), SourcePosition.NONE))
        .isInstanceOf(Resumption.NeedsResync.class);
  }

  // Going on after a crash

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void aCrashAnywhereChangesNoNumberAndNoHash(long seed) {
    Random random = new Random(seed);
    Source source = new Source(random, 60);
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    source.replay(outbox, SourcePosition.NONE, seen(0));
    List<Transaction> all = transactions(outbox, 0);
    List<OutboxTail> hub = hubStates(outbox);

    for (long index = 0; index <= queue.lastIndex(); index++) {
      OutboxTail atHub = hub.get(random.nextInt(hub.size()));
      Outbox again = Outbox.open(queue.afterCrash(index), CODEC, WRITER, ORDER, SIZES);
      Resumption resumption = again.resume(Optional.of(atHub), SourcePosition.NONE);
      assertThat(resumption).isInstanceOf(Resumption.Ready.class);
      OutboxTail from = ((Resumption.Ready) resumption).tail();
      source.replay(again, from.position(), from.context());

      int known = (int) atHub.last().number();
      assertThat(transactions(again, known))
          .as("crash after %s, hub at %s", index, known)
          .usingElementComparator(Comparator.comparing(OutboxTest::deterministicPart))
          .isEqualTo(all.subList(known, all.size()));
      assertThat(again.last()).isEqualTo(outbox.last());
      assertThat(again.pendingTransactions()).isEqualTo(all.size() - known);
    }
  }

  @Test
  void aTornTailOnDiskIsCapturedAgain(@TempDir Path directory) throws IOException {
    Source source = new Source(new Random(11), 200);
    OutboxTail whole;
    List<Transaction> all;
    try (Outbox outbox = onDisk(directory)) {
      outbox.resume(Optional.of(OutboxTail.start(seen(0))), SourcePosition.NONE);
      source.replay(outbox, SourcePosition.NONE, seen(0));
      whole = outbox.tail().orElseThrow();
      all = transactions(outbox, 0);
    }
    Path file;
    try (Stream<Path> files = Files.list(directory)) {
      file = files.filter(f -> f.toString().endsWith(".cq4")).max(naturalOrder()).orElseThrow();
    }
    byte[] content = Files.readAllBytes(file);
    int end = content.length;
    while (content[end - 1] == 0) {
      end--;
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(end - 3_000);
      open.write(new byte[4_096]); // a page that never reached the disk
    }

    try (Outbox outbox = onDisk(directory)) {
      OutboxTail left = outbox.tail().orElseThrow();
      assertThat(whole.last().isAfter(left.last())).isTrue();
      Resumption resumption =
          outbox.resume(Optional.of(OutboxTail.start(seen(0))), SourcePosition.NONE);
      assertThat(resumption).isEqualTo(new Resumption.Ready(left));
      source.replay(outbox, left.position(), left.context());
      assertThat(outbox.tail()).contains(whole);
      assertThat(transactions(outbox, 0)).isEqualTo(all);
    }
  }

  private static Outbox onDisk(Path directory) {
    return Outbox.open(ChronicleDurableQueue.open(directory), CODEC, WRITER, ORDER, SIZES);
  }

  @Test
  void anOutboxBehindTheHubGoesOnAfterTheHubEvenOverAnotherRestart() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    for (int i = 1; i <= 5; i++) {
      outbox.committed(at(i), i, seen(i), RowChunks.of(rows(1, i)));
    }
    OutboxTail hub = outbox.tail().orElseThrow();

    InMemoryQueue left = queue.afterCrash(2);
    Outbox behind = reopened(left);
    assertThat(behind.resume(Optional.of(hub), at(5))).isEqualTo(new Resumption.Ready(hub));
    assertThat(behind.pendingTransactions()).isZero();
    assertThat(transactions(behind, 5)).isEmpty();
    behind.contextMark(at(6), seen(8));

    Outbox alone = reopened(left.afterCrash(Long.MAX_VALUE));
    Resumption resumption = alone.resume(Optional.empty(), at(5));
    assertThat(resumption).isInstanceOf(Resumption.Ready.class);
    assertThat(((Resumption.Ready) resumption).tail())
        .isEqualTo(new OutboxTail(number(5), hub.hash(), at(6), seen(8), hub.time()));
    assertThat(alone.pendingTransactions()).isZero();
    assertThat(alone.committed(at(7), 7, seen(8), RowChunks.of(rows(1, 7)))).isEqualTo(number(6));
    assertThat(alone.resume(Optional.of(hub), at(5))).isInstanceOf(Resumption.Ready.class);
    assertThat(transactions(alone, 5)).hasSize(1);
  }

  @Test
  void anEmptyOutboxWaitsForTheHub() {
    Outbox outbox = reopened(new InMemoryQueue());
    assertThat(outbox.resume(Optional.empty(), SourcePosition.NONE))
        .isInstanceOf(Resumption.AwaitHub.class);
    assertThatThrownBy(() -> outbox.committed(at(1), 1, seen(0), RowChunks.of(rows(1, 1))))
        .isInstanceOf(IllegalStateException.class);
    assertThat(outbox.resume(Optional.of(OutboxTail.start(seen(4))), SourcePosition.NONE))
        .isEqualTo(new Resumption.Ready(OutboxTail.start(seen(4))));
  }

  @Test
  void anotherHistoryThanTheHubsNeedsAResync() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    outbox.committed(at(10), 1, seen(0), RowChunks.of(rows(1, 1)));
    outbox.committed(at(20), 1, seen(0), RowChunks.of(rows(1, 2)));
    Resumption resumption = reopened(queue).resume(Optional.of(hubAt(1)), SourcePosition.NONE);
    assertThat(resumption).isInstanceOf(Resumption.NeedsResync.class);
    assertThat(((Resumption.NeedsResync) resumption).fault())
        .hasMessageContaining("chain hash")
        .hasMessageContaining("start this spoke anew");
  }

  @Test
  void anOutboxOfANewerEpochIsNotTouched() {
    InMemoryQueue queue = new InMemoryQueue();
    Writer newer = new Writer(LISBON, new Epoch(2), ChannelId.MAIN);
    Outbox outbox = Outbox.open(queue, CODEC, newer, ORDER);
    outbox.resume(Optional.of(OutboxTail.start(seen(0))), SourcePosition.NONE);
    outbox.committed(at(10), 1, seen(0), RowChunks.of(rows(1, 1)));
    assertThatThrownBy(() -> reopened(queue))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("a record of epoch 2");
  }

  @Test
  void recordsOfAnEarlierEpochAreNeverSent() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox old = started(queue);
    old.committed(at(10), 1, seen(0), RowChunks.of(rows(1, 1)));
    Writer newer = new Writer(LISBON, new Epoch(2), ChannelId.MAIN);
    Outbox outbox = Outbox.open(queue, CODEC, newer, ORDER);
    assertThat(outbox.tail()).isEmpty();
    outbox.resume(Optional.of(OutboxTail.start(seen(0))), SourcePosition.NONE);
    outbox.committed(at(5), 1, seen(0), RowChunks.of(rows(1, 5)));
    assertThat(transactions(outbox, 0)).extracting(Transaction::writer).containsExactly(newer);
  }

  // Spilling

  @Test
  void spillingMakesEverythingDurableBeforeTheSourceIsTold() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    outbox.committed(at(10), 1, seen(0), RowChunks.of(rows(1, 1)));
    assertThat(queue.syncedIndex()).isLessThan(queue.lastIndex());
    outbox.spill(at(15));
    assertThat(queue.syncedIndex()).isEqualTo(queue.lastIndex());

    Outbox again = reopened(queue.afterCrash(queue.syncedIndex()));
    assertThat(again.resume(Optional.empty(), at(15))).isInstanceOf(Resumption.Ready.class);
    assertThat(again.tail().orElseThrow().position()).isEqualTo(at(15));
  }

  @Test
  void aTailThatEndsBeforeWhatTheSourceForgotNeedsAResync() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    outbox.committed(at(10), 1, seen(0), RowChunks.of(rows(1, 1)));
    outbox.committed(at(20), 1, seen(0), RowChunks.of(rows(1, 2)));
    outbox.spill(at(25));

    Outbox damaged = reopened(queue.afterCrash(1));
    assertThat(damaged.resume(Optional.empty(), at(25))).isInstanceOf(Resumption.AwaitHub.class);
    Resumption resumption = damaged.resume(Optional.of(OutboxTail.start(seen(0))), at(25));
    assertThat(resumption).isInstanceOf(Resumption.NeedsResync.class);
    assertThat(((Resumption.NeedsResync) resumption).fault())
        .hasMessageContaining("the source was confirmed to")
        .hasMessageContaining("start this spoke anew");
  }

  @Test
  void marksAloneAreEnoughToGoOnForAWriterWithoutTransactions() {
    InMemoryQueue queue = new InMemoryQueue();
    Outbox outbox = started(queue);
    outbox.contextMark(at(10), seen(3));
    outbox.spill(at(15));
    Outbox again = reopened(queue.afterCrash(queue.syncedIndex()));
    assertThat(again.resume(Optional.of(OutboxTail.start(seen(0))), at(15)))
        .isEqualTo(
            new Resumption.Ready(
                new OutboxTail(Sequence.NONE, ChainHash.START, at(15), seen(3), HybridTime.ZERO)));
    assertThat(records(again, 0)).containsExactly(new UpstreamRecord.ContextMark(at(10), seen(3)));
  }

  // What a source's log holds, to be read again from any place

  private sealed interface Event {
    record Local(RowBlock rows, int blocks) implements Event {}

    record Applied(long position) implements Event {}

    record Shape(TableSchema schema) implements Event {}

    record Barrier(BarrierId id) implements Event {}

    record Spill() implements Event {}
  }

  private static final class Source {
    private final List<Event> log = new ArrayList<>();

    Source(Random random, int length) {
      long applied = 0;
      for (int i = 0; i < length; i++) {
        log.add(
            switch (random.nextInt(10)) {
              case 0, 1 -> new Event.Applied(++applied);
              case 2 -> new Event.Shape(schema("t" + random.nextInt(4)));
              case 3 -> new Event.Barrier(new BarrierId(new UUID(0, i)));
              case 4 -> new Event.Spill();
              case 5 -> new Event.Local(rows(20 + random.nextInt(60), i), 1 + random.nextInt(5));
              default -> new Event.Local(rows(1 + random.nextInt(3), i), 1);
            });
      }
    }

    /** Gives everything after {@code from}, as the capture loop would. */
    void replay(Outbox outbox, SourcePosition from, Context context) {
      Context now = context;
      for (int i = 0; i < log.size(); i++) {
        SourcePosition here = at(10 * (i + 1));
        if (!from.isNone() && ORDER.compare(here, from) <= 0) {
          continue;
        }
        switch (log.get(i)) {
          case Event.Local e -> outbox.committed(here, 100 + i, now, chunks(e.rows(), e.blocks()));
          case Event.Applied e -> {
            now = now.plus(e.position(), e.position());
            if (e.position() % 2 == 0) {
              outbox.contextMark(here, now);
            }
          }
          case Event.Shape e -> outbox.shape(e.schema());
          case Event.Barrier e -> outbox.barrierMark(e.id(), here, now);
          case Event.Spill e ->
              outbox.spill(
                  outbox.tail().orElseThrow().position().isNone()
                      ? at(1)
                      : outbox.tail().orElseThrow().position());
        }
      }
    }
  }

  /** What the hub's state was after each transaction. */
  private static List<OutboxTail> hubStates(Outbox outbox) {
    List<OutboxTail> states = new ArrayList<>();
    OutboxTail state = OutboxTail.start(seen(0));
    states.add(state);
    for (Transaction t : transactions(outbox, 0)) {
      states.add(new OutboxTail(t.sequence(), t.hash(), t.sourcePosition(), t.context(), t.time()));
    }
    return states;
  }

  private static String deterministicPart(Transaction t) {
    return t.sequence() + " " + t.sourcePosition() + " " + t.hash() + " " + t.context();
  }

  private static Outbox started(InMemoryQueue queue) {
    Outbox outbox = reopened(queue);
    assertThat(outbox.resume(Optional.of(OutboxTail.start(seen(0))), SourcePosition.NONE))
        .isInstanceOf(Resumption.Ready.class);
    return outbox;
  }

  private static Outbox reopened(InMemoryQueue queue) {
    return Outbox.open(queue, CODEC, WRITER, ORDER, SIZES);
  }

  private static OutboxTail hubAt(long sequence) {
    return new OutboxTail(
        number(sequence), ChainHash.START, at(sequence), seen(0), HybridTime.ZERO);
  }

  private static List<UpstreamRecord> records(Outbox outbox, long after) {
    List<UpstreamRecord> records = new ArrayList<>();
    try (OutboxReader reader = outbox.readAfter(new Sequence(after))) {
      while (reader.next()) {
        records.add(CODEC.decode(reader.item()).record());
      }
    }
    return records;
  }

  private static List<Transaction> transactions(Outbox outbox, long after) {
    return records(outbox, after).stream()
        .filter(UpstreamRecord.Committed.class::isInstance)
        .map(r -> ((UpstreamRecord.Committed) r).transaction())
        .toList();
  }

  private static SourcePosition at(long number) {
    return new SourcePosition(new ByteSink().putInt64(number).toBytes());
  }

  private static Sequence number(long number) {
    return new Sequence(number);
  }

  private static Context seen(long low) {
    return Context.through(new Position(LOG, ChannelId.MAIN, low));
  }

  private static TableSchema schema(String table) {
    return TableSchema.of(
        new TableName(table),
        List.of(new Column("id", LogicalType.INTEGER, "bigint", false)),
        List.of(0));
  }

  private static RowBlock rows(int count, int salt) {
    RowBlockWriter writer = new RowBlockWriter();
    for (int i = 0; i < count; i++) {
      writer.putAll(row(new ByteSink().putInt32(salt).putInt32(i).toBytes()));
    }
    return writer.toBlock();
  }

  private static RowBlock row(Bytes value) {
    Tuple tuple = new Tuple(new ByteSink().putByte(3).putSized(value).toBytes());
    return new RowBlockWriter()
        .put(new RowChange.Insert(ORDERS.id(), new RowKey(tuple.bytes()), tuple))
        .toBlock();
  }

  /** The same rows in blocks of about equal size. */
  private static RowChunks chunks(RowBlock all, int perBlock) {
    List<RowBlock> blocks = new ArrayList<>();
    RowBlockWriter writer = new RowBlockWriter();
    for (RowBlock.Cursor cursor = all.iterator(); cursor.hasNext(); ) {
      cursor.next();
      writer.putEncoded(cursor.encoded());
      if (writer.rows() == perBlock) {
        blocks.add(writer.toBlock());
        writer.clear();
      }
    }
    if (!writer.isEmpty()) {
      blocks.add(writer.toBlock());
    }
    return new RowChunks() {
      @Override
      public long rows() {
        return all.rows();
      }

      @Override
      public int blocks() {
        return blocks.size();
      }

      @Override
      public Iterator<RowBlock> iterator() {
        return blocks.iterator();
      }
    };
  }
}
