package io.spokewire.simulation;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.marker.Mark;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.pipeline.AppliedSet;
import io.spokewire.agent.pipeline.BarrierMarks;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/** Capture from a model database: what is flushed of its log, in order, marks by their seal. */
final class SimulatedSource implements CaptureSite, ChangeSource.Factory, BarrierMarks {
  private final Site site;
  private final SimulatedDatabase database;
  private final KillSwitch kill;
  private final MarkerSeal seal;
  private final AppliedSet applied;

  SimulatedSource(Site site, KillSwitch kill, MarkerSeal seal, AppliedSet applied) {
    this.site = site;
    this.database = site.database();
    this.kill = kill;
    this.seal = seal;
    this.applied = applied;
  }

  static SourcePosition position(long number) {
    return number == 0
        ? SourcePosition.NONE
        : new SourcePosition(new ByteSink(8).putInt64(number).toBytes());
  }

  static long number(SourcePosition position) {
    return position.isNone() ? 0 : new ByteSource(position.token()).readInt64();
  }

  @Override
  public ChangeSource.Factory sources() {
    return this;
  }

  @Override
  public SourcePosition confirmed() {
    kill.point();
    database.demandUp(database.era(), "look at the slot");
    return position(site.confirmed());
  }

  @Override
  public Optional<Position> applied() {
    kill.point();
    database.demandUp(database.era(), "read the checkpoint");
    return Optional.ofNullable(database.checkpoint());
  }

  @Override
  public Optional<SourcePosition> find(Position position) {
    kill.point();
    database.demandUp(database.era(), "read the log");
    for (long i = site.confirmed(); i < database.flushed(); i++) {
      SimulatedDatabase.LogRecord record = database.log().get((int) i);
      boolean isItsMark =
          record.message() != null
              && seal.open(record.message()).orElse(null) instanceof Mark.Applied own
              && own.marker().last().equals(position);
      if (isItsMark) {
        return Optional.of(position(record.number()));
      }
    }
    return Optional.empty();
  }

  @Override
  public Retention retention() {
    database.demandUp(database.era(), "look at the slot");
    return new Retention(0, Retention.UNLIMITED, true);
  }

  @Override
  public void demandWhole() {}

  @Override
  public void giveUp() {
    throw new AssertionError("no policy says so");
  }

  @Override
  public void mark(BarrierId barrier) {
    kill.point();
    database.demandUp(database.era(), "mark a barrier");
    database.commitMessage(seal.seal(barrier));
  }

  @Override
  public ChangeSource open(SourcePosition after) {
    kill.point();
    database.demandUp(database.era(), "open the log");
    if (mutations().trueNumber(after) > database.flushed()) {
      throw Fault.of(FaultKind.NEGATIVE, "capture", "the log ends before " + number(after)).build();
    }
    if (mutations().trueNumber(after) < site.confirmed()) {
      site.world()
          .verdict
          .violation(
              "I8",
              site.name() + " reads after " + number(after) + ", gone to " + site.confirmed());
    }
    return new Reading(mutations().trueNumber(after));
  }

  private Mutations mutations() {
    return site.world().mutations;
  }

  @Override
  public int compare(SourcePosition a, SourcePosition b) {
    return Long.compare(number(a), number(b));
  }

  /** One opening of the log. */
  private final class Reading implements ChangeSource {
    private final int era = database.era();
    private final int restores = database.restores();
    private final long opening = site.nextOpening();
    private final Queue<Captured> ready = new ArrayDeque<>();
    private final Set<TableSchema> shown = new HashSet<>();
    private final SchemaBook known = new SchemaBook();
    private long given;

    Reading(long after) {
      given = Math.max(0, after - mutations().readAgain());
      known.addAll(Tables.ALL);
    }

    @Override
    public Captured next(Duration wait) {
      kill.point();
      database.demandUp(era, "read the log");
      if (site.troubles().breaksReading()) {
        throw SimulatedDatabase.lost("read the log");
      }
      if (ready.isEmpty() && given < database.flushed()) {
        read(database.log().get((int) given));
        given++;
        mutations().read(site, given);
      }
      return ready.poll();
    }

    private void read(SimulatedDatabase.LogRecord record) {
      SourcePosition at = position(mutations().shown(record.number(), opening));
      if (record.local() != null) {
        for (RowChange change : record.local().rows()) {
          TableSchema table = known.get(change.schema());
          if (shown.add(table)) {
            ready.add(new Captured.Shape(position(record.number() - 1), table));
          }
        }
        ready.add(new Captured.Local(at, record.micros(), RowChunks.of(record.local().rows())));
        return;
      }
      Optional<Mark> mark =
          record.message() == null ? Optional.empty() : seal.open(record.message());
      ready.add(
          mark.<Captured>map(
                  m ->
                      switch (m) {
                        case Mark.Applied a when applied.test(a.marker()) ->
                            new Captured.Applied(at, a.marker());
                        case Mark.Applied a -> new Captured.Progress(at);
                        case Mark.Barrier b -> new Captured.Barrier(at, b.barrier());
                      })
              .orElse(new Captured.Progress(at)));
    }

    @Override
    public void confirm(SourcePosition upTo) {
      kill.point();
      if (database.restores() != restores) {
        throw SimulatedDatabase.lost("confirm");
      }
      site.confirm(mutations().trueNumber(upTo));
    }

    @Override
    public void close() {}
  }
}
