package io.spokewire.simulation;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.fanout.LogTail;
import io.spokewire.hub.log.InMemoryHubStore;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.WindowMeter;
import io.spokewire.hub.pipeline.AuditLoop;
import io.spokewire.hub.pipeline.AuditPolicy;
import io.spokewire.hub.pipeline.Bell;
import io.spokewire.hub.pipeline.FanOutLoop;
import io.spokewire.hub.pipeline.HubInsides;
import io.spokewire.hub.pipeline.Operators;
import io.spokewire.hub.pipeline.Reception;
import io.spokewire.hub.pipeline.SequenceLoop;
import io.spokewire.hub.stream.Peer;
import io.spokewire.hub.stream.SpokeLinkService;
import io.spokewire.hub.stream.StreamSettings;
import io.spokewire.hub.topology.LogTimesInMemory;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.TopologyInMemory;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.HubMessage;
import java.time.Duration;
import java.util.Optional;

/** A hub, wired as {@code io.spokewire.hub.HubProcess} wires one, over model disks. */
final class SimulatedHub extends Process {
  private static final long BRISK = 150_000;
  private static final long BEAT = 1_000_000;

  private final SpokeLinkService link;
  private final SpokeBoard board = new SpokeBoard();
  private final Operators operators;
  private final SequenceLoop sequence;

  /** What survives the process. */
  static final class Disk {
    final InMemoryHubStore log;
    final TopologyInMemory topology = new TopologyInMemory();
    final AuditInMemory.Kept audit = new AuditInMemory.Kept();
    final LogTimesInMemory times = new LogTimesInMemory();

    Disk(InMemoryHubStore log) {
      this.log = log;
    }
  }

  SimulatedHub(World world, Disk disk) {
    super(world, "hub", new KillSwitch());
    VirtualClock clock = world.hubClock;
    CrashableStore store = new CrashableStore(disk.log, world, kill, entry -> logged(world, entry));
    CrashableTopology topology = new CrashableTopology(disk.topology, kill);
    SchemaBook schemas = new SchemaBook();
    schemas.addAll(store.recover().schemas());
    FlowMeter meter = new FlowMeter(clock, schemas);
    LogTail tail = new LogTail(world.scenario.tailBytes());
    AuditLoop audit =
        new AuditLoop(
            store,
            tail,
            new AuditInMemory(world, kill, disk.audit),
            () -> new AuditPolicy(Duration.ofDays(90), Optional.empty()),
            new Notices(),
            clock);
    Bell sequenceBell = new Bell();
    Bell fanOutBell = new Bell();
    FanOutLoop fanOut =
        new FanOutLoop(store, tail, schemas, board, clock, world.scenario.pipeline(), fanOutBell);
    Reception reception = new Reception(fanOut, sequenceBell);
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
                new WindowMeter(),
                new Notices(),
                disk.times,
                world.plans::parse,
                () -> audit.projectedThrough().number(),
                () -> audit.durableThrough().number(),
                fanOutBell,
                clock,
                world.scenario.pipeline()));
    world.mutations.hub(sequence);
    operators = new Operators(reception, sequence, world.plans::parse);
    link =
        new SpokeLinkService(
            store.head(),
            world.mutations.intake(reception),
            schemas,
            board,
            (spoke, request) -> {
              throw new AssertionError("nobody's certificate runs out");
            },
            clock,
            StreamSettings.DEFAULT);
    drive(audit, BRISK);
    fanOutBell.connect(drive(fanOut, BRISK)::wake);
    sequenceBell.connect(drive(sequence, BRISK)::wake);
    drive(link.watch(), BEAT);
    world.trace.note(name, "hub starts at " + disk.log.head().number());
  }

  private static void logged(World world, LogEntry entry) {
    world.history.logged(entry);
    if (entry instanceof LogEntry.Outcome outcome) {
      world.mutations.logged(world, outcome);
    }
  }

  Operators operators() {
    return operators;
  }

  /** What its window has forgotten up to. */
  long frontier() {
    return HubInsides.frontier(sequence);
  }

  SpokeBoard board() {
    return board;
  }

  /** An agent calls. */
  StreamObserver<AgentMessage> attach(SpokeId spoke, StreamObserver<HubMessage> responses) {
    Context asPeer = Context.current().withValue(Peer.PEER, new Peer(spoke));
    Context before = asPeer.attach();
    try {
      return link.attach(responses);
    } finally {
      asPeer.detach(before);
    }
  }

  @Override
  void died() {
    world.counts.hubDeaths++;
    world.network.gone(this);
    world.hubDied();
  }

  @Override
  void failed(Fault fault) {
    world.verdict.violation("hub", "stops: " + fault.getMessage());
    die("stopped");
  }
}
