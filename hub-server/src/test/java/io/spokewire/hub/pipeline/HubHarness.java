package io.spokewire.hub.pipeline;

import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.Plan;
import io.spokewire.common.config.Plan.ConflictPolicy;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.fanout.LogTail;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.log.InMemoryHubStore;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.WindowMeter;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.testing.Samples;
import io.spokewire.hub.topology.LogTimesInMemory;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.Topology.PlanRecord;
import io.spokewire.hub.topology.TopologyInMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A whole hub but for its sockets and disks, driven step by step on the test's thread. */
final class HubHarness {
  final TurnedClock time = new TurnedClock();
  final InMemoryHubStore store = new InMemoryHubStore(Samples.BEGINNING);
  final LogTimesInMemory logTimes = new LogTimesInMemory();
  final TopologyInMemory topology = new TopologyInMemory();
  SpokeBoard board = new SpokeBoard();
  Reception reception;
  SequenceLoop sequence;
  FanOutLoop fanOut;
  FlowMeter meter;
  WindowMeter windowMeter;
  Notices notices;
  PipelineSettings settings = PipelineSettings.DEFAULT;
  long audited = Long.MAX_VALUE;
  private Function<String, Plan> planReader =
      text -> Plan.of(List.of(new TablePattern(text)), ConflictPolicy.DEFAULT);

  HubHarness() {
    start();
  }

  static final class TurnedClock implements TimeSource {
    private long micros = 1_700_000_000_000_000L;

    void advance(Duration by) {
      micros += by.toNanos() / 1000;
    }

    @Override
    public long epochMicros() {
      return micros;
    }

    @Override
    public long nanos() {
      return micros * 1000;
    }
  }

  /** A hub over what the store holds, as after a restart. */
  void start() {
    SchemaBook schemas = new SchemaBook();
    LogTail tail = new LogTail(1 << 20);
    Bell bell = new Bell();
    board = new SpokeBoard();
    meter = new FlowMeter(time, schemas);
    windowMeter = new WindowMeter();
    notices = new Notices();
    fanOut = new FanOutLoop(store, tail, schemas, board, time, settings, bell);
    reception = new Reception(fanOut, new Bell());
    sequence =
        new SequenceLoop(
            new SequenceLoop.Parts(
                store,
                topology,
                board,
                reception,
                fanOut,
                tail,
                schemas,
                meter,
                windowMeter,
                notices,
                logTimes,
                text -> planReader.apply(text),
                () -> audited,
                () -> audited,
                bell,
                time,
                settings));
  }

  /** Runs both loops until neither has anything to do; time goes on a little. */
  void work() {
    int done;
    do {
      done = sequence.doWork() + fanOut.doWork();
    } while (done > 0);
    for (int i = 0; i < 3; i++) {
      time.advance(Duration.ofMillis(250));
      sequence.doWork();
      fanOut.doWork();
    }
  }

  /** A step of the sequencer that fails. */
  Fault workFailing() {
    try {
      sequence.doWork();
    } catch (Fault fault) {
      return fault;
    }
    throw new AssertionError("it did not fail");
  }

  PlanRecord plan(String tables) {
    Map<SpokeId, TableReport> nothingNew = new HashMap<>();
    topology
        .spokes()
        .forEach(s -> nothingNew.put(s.id(), new TableReport(0, List.of(), List.of())));
    return apply(tables, false, nothingNew).join();
  }

  /** Applies a plan as users write it; from now on all plans are such. */
  PlanRecord planText(String text, PlanParser parser) {
    planReader = t -> parser.parse("plan", t);
    return plan(text);
  }

  /** Applies a plan of one pattern, as if spokes had reported these tables. */
  CompletableFuture<PlanRecord> apply(
      String tables, boolean assumeIdentical, Map<SpokeId, TableReport> reports) {
    CompletableFuture<PlanRecord> answer = new CompletableFuture<>();
    reception.take(
        new Command.ApplyPlan(
            tables,
            planReader.apply(tables),
            new PlanChecks.Answer(List.of(), reports),
            assumeIdentical,
            answer));
    work();
    return answer;
  }

  int planVersion() {
    return topology.plan().map(p -> p.version().number()).orElse(0);
  }

  FakeAgent spoke(SpokeId id, Direction direction) {
    topology.add(id, direction, ChannelId.MAIN);
    return new FakeAgent(this, id);
  }

  /** A spoke that is attached and live. */
  FakeAgent live(SpokeId id) {
    return spoke(id, Direction.BOTH).attach(true);
  }

  void pause(SpokeId spoke) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Pause(spoke, answer));
    work();
    answer.join();
  }

  void resume(SpokeId spoke) {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    reception.take(new Command.Resume(spoke, answer));
    work();
    answer.join();
  }

  /** A window of this size; holds from the next start on. */
  void windowBytes(long bytes) {
    PipelineSettings s = settings;
    settings =
        new PipelineSettings(
            s.groupTransactions(),
            s.groupBytes(),
            s.maxSkew(),
            s.hashesKept(),
            s.lazily(),
            s.retainedBytes(),
            s.maxAge(),
            s.window(),
            bytes,
            s.batchEntries(),
            s.batchBytes());
  }

  List<LogEntry> log() {
    List<LogEntry> entries = new ArrayList<>();
    try (HubStore.EntryReader reader = store.read(store.trimmedThrough())) {
      reader.forEachRemaining(entries::add);
    }
    return entries;
  }

  List<LogEntry.Outcome> outcomes() {
    return log().stream()
        .filter(LogEntry.Outcome.class::isInstance)
        .map(LogEntry.Outcome.class::cast)
        .toList();
  }
}
