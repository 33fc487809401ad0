package io.spokewire.agent.pipeline;

import io.spokewire.agent.apply.Applier;
import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.marker.AppliedMarker;
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
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/**
 * A database with a log, in memory: source, applier, barrier marks. Survives the agent's restarts.
 */
final class FakeDatabase implements ChangeSource.Factory, BarrierMarks, CaptureSite {
  static final TableSchema ORDERS =
      TableSchema.of(
          new TableName("orders"),
          List.of(new Column("id", LogicalType.INTEGER, "integer", false)),
          List.of(0));

  /** A table whose rows nobody can tell apart. */
  static final TableSchema NOTES =
      TableSchema.of(
          new TableName("notes"),
          List.of(new Column("text", LogicalType.TEXT, "text", true)),
          List.of());

  final List<Captured> log = new ArrayList<>(); // position = index + 1; guarded by this
  final List<Long> applied = new CopyOnWriteArrayList<>();
  final List<String> broken = new CopyOnWriteArrayList<>();
  volatile long confirmed;
  volatile double faults;
  volatile long retained;
  volatile long left = Retention.UNLIMITED;
  volatile Retention.Purge purge; // null: the log is kept for us
  volatile boolean reading = true; // as the server sees it
  volatile boolean slotGone; // as seen from beside
  volatile boolean cutDown; // somebody took a table out of the publication
  volatile boolean logGone; // what a dropped slot looks like
  volatile boolean readFails;
  volatile int checkpointFaults; // how often the checkpoint can't be read yet
  volatile int giveUpFaults; // how often the source is still in use
  volatile CountDownLatch opening = new CountDownLatch(0); // the log opens once it is released
  volatile int openings;
  volatile int applying;
  volatile boolean givenUp;
  private final RandomGenerator random;
  private Optional<Position> checkpoint = Optional.empty();

  FakeDatabase(RandomGenerator random) {
    this.random = random;
  }

  static SourcePosition at(long number) {
    return new SourcePosition(new ByteSink(16).putInt64(number).toBytes());
  }

  static long number(SourcePosition position) {
    return position.isNone()
        ? 0
        : new io.spokewire.common.bytes.ByteSource(position.token()).readInt64();
  }

  static RowBlock row(long id) {
    ByteSink field = new ByteSink();
    new TupleWriter(field).putValue(Bytes.utf8(Long.toString(id)));
    Tuple tuple = new Tuple(field.toBytes());
    return new RowBlockWriter()
        .put(new RowChange.Insert(ORDERS.id(), new RowKey(tuple.bytes()), tuple))
        .toBlock();
  }

  /** A user's commit. */
  synchronized void commit(long id) {
    long position = log.size() + 1;
    log.add(new Captured.Local(at(position), position, RowChunks.of(row(id))));
    notifyAll();
  }

  /** A user empties a table. */
  synchronized void truncate(TableSchema table) {
    log.add(new Captured.Shape(at(log.size() + 1), table));
    long position = log.size() + 1;
    RowBlock rows = new RowBlockWriter().put(new RowChange.Truncate(table.id())).toBlock();
    log.add(new Captured.Local(at(position), position, RowChunks.of(rows)));
    notifyAll();
  }

  synchronized long end() {
    return log.size();
  }

  @Override
  public synchronized void mark(BarrierId barrier) {
    log.add(new Captured.Barrier(at(log.size() + 1), barrier));
    notifyAll();
  }

  @Override
  public ChangeSource.Factory sources() {
    return this;
  }

  @Override
  public SourcePosition confirmed() {
    return confirmed == 0 ? SourcePosition.NONE : at(confirmed);
  }

  @Override
  public synchronized Optional<Position> applied() {
    return checkpoint;
  }

  @Override
  public synchronized Optional<SourcePosition> find(Position applied) {
    for (Captured event : log) {
      if (event instanceof Captured.Applied own && own.marker().last().equals(applied)) {
        return Optional.of(event.position());
      }
    }
    return Optional.empty();
  }

  /** The database as it was when its log had this many records. */
  synchronized void goBackTo(int records) {
    log.subList(records, log.size()).clear();
    checkpoint =
        log.stream()
            .filter(Captured.Applied.class::isInstance)
            .map(event -> ((Captured.Applied) event).marker().last())
            .reduce((a, b) -> b);
    confirmed = Math.min(confirmed, records);
  }

  @Override
  public Retention retention() {
    if (slotGone) {
      throw Fault.of(FaultKind.NEGATIVE, "capture", "the slot does not exist any more").build();
    }
    return new Retention(retained, left, reading, purge);
  }

  @Override
  public void demandWhole() {
    if (cutDown) {
      throw Fault.of(FaultKind.NEGATIVE, "capture", "orders is no longer published").build();
    }
  }

  @Override
  public void giveUp() {
    if (giveUpFaults-- > 0) {
      throw passing("drop the slot");
    }
    givenUp = true;
    logGone = true;
  }

  @Override
  public int compare(SourcePosition a, SourcePosition b) {
    return Long.compare(number(a), number(b));
  }

  @Override
  public ChangeSource open(SourcePosition after) {
    if (number(after) < confirmed) {
      broken.add("opened at " + number(after) + ", confirmed " + confirmed);
    }
    openings++;
    try {
      opening.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw passing("open");
    }
    if (logGone) {
      throw Fault.of(FaultKind.NEGATIVE, "capture", "the slot is gone").build();
    }
    return new Source(number(after));
  }

  private static Fault passing(String what) {
    return Fault.of(FaultKind.UNREACHABLE, what, "planted").healsByItself().build();
  }

  Applier applier() {
    return new MemoryApplier();
  }

  private void maybeFail(String what) {
    if (random.nextDouble() < faults) {
      throw Fault.of(FaultKind.UNREACHABLE, what, "planted").healsByItself().build();
    }
  }

  private final class Source implements ChangeSource {
    private long given;
    private boolean shaped;

    Source(long after) {
      given = after;
    }

    @Override
    public Captured next(Duration wait) throws InterruptedException {
      maybeFail("read");
      if (readFails) {
        throw passing("read");
      }
      synchronized (FakeDatabase.this) {
        if (given >= log.size() && wait.toMillis() > 0) {
          FakeDatabase.this.wait(wait.toMillis());
        }
        if (given >= log.size()) {
          return null;
        }
        Captured event = log.get((int) given);
        if (event instanceof Captured.Local && !shaped) {
          shaped = true;
          return new Captured.Shape(at(given), ORDERS);
        }
        given++;
        return event;
      }
    }

    @Override
    public void confirm(SourcePosition upTo) {
      confirmed = Math.max(confirmed, number(upTo));
    }

    @Override
    public void close() {}
  }

  private final class MemoryApplier implements Applier {
    @Override
    public Optional<Position> checkpoint() {
      if (checkpointFaults-- > 0) {
        throw passing("read the checkpoint");
      }
      synchronized (FakeDatabase.this) {
        return checkpoint;
      }
    }

    @Override
    public ApplyResult apply(ApplyBatch batch) {
      applying++;
      maybeFail("apply");
      synchronized (FakeDatabase.this) {
        long before = checkpoint.map(Position::number).orElse(0L);
        if (batch.first().number() != before + 1) {
          broken.add("batch " + batch.first() + " where " + before + " is applied");
        }
        for (ApplyBatch.Entry entry : batch.entries()) {
          applied.add(entry.position().number());
        }
        checkpoint = Optional.of(batch.last());
        log.add(
            new Captured.Applied(
                at(log.size() + 1), new AppliedMarker(batch.first(), batch.last(), List.of())));
        FakeDatabase.this.notifyAll();
      }
      maybeFail("hear of the commit");
      return new ApplyResult(batch.last(), batch.entries().size(), 0);
    }

    @Override
    public long retryParked(Sequence answered) {
      return 0;
    }

    @Override
    public Optional<Sequence> oldestSuspect() {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }
}
