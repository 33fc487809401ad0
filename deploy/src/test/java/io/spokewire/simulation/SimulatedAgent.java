package io.spokewire.simulation;

import io.spokewire.agent.apply.CapturedWrites;
import io.spokewire.agent.apply.PendingDeletes;
import io.spokewire.agent.identity.AgentIdentity;
import io.spokewire.agent.identity.IdentityStore;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.pipeline.AppliedSet;
import io.spokewire.agent.pipeline.ApplyLoop;
import io.spokewire.agent.pipeline.CaptureLoop;
import io.spokewire.agent.pipeline.CaptureProgress;
import io.spokewire.agent.pipeline.ControlLoop;
import io.spokewire.agent.pipeline.DeleteLedger;
import io.spokewire.agent.pipeline.Desk;
import io.spokewire.agent.pipeline.DeskView;
import io.spokewire.agent.pipeline.HeartbeatLoop;
import io.spokewire.agent.pipeline.LocalTables;
import io.spokewire.agent.pipeline.NewLife;
import io.spokewire.agent.pipeline.Renewal;
import io.spokewire.agent.pipeline.SourceWatch;
import io.spokewire.agent.pipeline.UplinkLoop;
import io.spokewire.agent.pipeline.WithheldTruncates;
import io.spokewire.agent.queue.SmallOutbox;
import io.spokewire.agent.settings.HubAddress;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.settings.WalPressure;
import io.spokewire.agent.stream.HubLink;
import io.spokewire.agent.stream.PlanScope;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.agent.stream.Vitals;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Writer;
import io.spokewire.common.wire.UpstreamCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** An agent, wired as {@code io.spokewire.agent.Agent} wires one, over a site's model parts. */
final class SimulatedAgent extends Process {
  private static final long BRISK = 150_000;
  private static final long BEAT = 1_000_000;
  private static final Path NOWHERE = Path.of("no-such-directory");
  private static final HubAddress HUB = new HubAddress("hub", 1);

  private final Site site;
  private final Desk desk;

  SimulatedAgent(Site site) {
    super(site.world(), site.name(), new KillSwitch());
    this.site = site;
    Random random = new Random(world.random.nextLong());
    StateFile state =
        StateFile.keptBy(
            next -> {
              kill.point();
              site.keep(next);
              kill.point();
            },
            site.state());
    MarkerSeal seal = new MarkerSeal(secret());
    SchemaBook schemas = new SchemaBook();
    DeleteLedger deletes = new DeleteLedger(schemas, world.scenario.deletesRemembered());
    WithheldTruncates truncates = new WithheldTruncates(schemas);
    CaptureProgress progress = new CaptureProgress();
    boolean sends = site.direction().sends();
    desk =
        new Desk(
            new Desk.Self(site.direction(), "postgresql", "18", "logical_replication"),
            state,
            () -> {});
    AgentIdentity identity = world.identity();
    Renewal renewal =
        new Renewal(
            site.id(),
            new IdentityStore(NOWHERE),
            identity,
            new java.security.SecureRandom(),
            site.agentClock());
    AppliedSet applied = new AppliedSet();
    SimulatedSource source = world.mutations.source(new SimulatedSource(site, kill, seal, applied));
    SourceWatch watch = new SourceWatch(desk, source, WalPressure.DEFAULT, site.agentClock());
    ApplyLoop apply =
        new ApplyLoop(
            desk,
            () ->
                world.mutations.applier(
                    site,
                    new SimulatedApplier(
                        site,
                        kill,
                        seal,
                        sends ? deletes : PendingDeletes.NONE,
                        schemas,
                        sends ? progress : CapturedWrites.NONE)),
            schemas,
            deletes,
            desk::saw,
            NOWHERE,
            site.agentClock(),
            Duration.ZERO);
    CaptureLoop capture =
        new CaptureLoop(
            desk,
            source,
            member ->
                SmallOutbox.open(
                    new CrashableQueue(site.outbox(), kill),
                    new UpstreamCodec(
                        site.id(), member.start().incarnation(), member.start().channel()),
                    new Writer(site.id(), member.epoch(), member.start().channel()),
                    source::compare,
                    world.scenario.largestPiece(),
                    world.scenario.marksKept()),
            schemas,
            deletes,
            progress,
            truncates,
            applied,
            WalPressure.DEFAULT,
            watch,
            site.agentClock());
    HubLink link =
        new HubLink(
            new HubLink.Peer(site.id(), site.direction(), HUB, "simulated"),
            renewal::current,
            desk,
            number -> state.update(s -> s.withSession(number)),
            world.mutations.listener(site, desk),
            (hub, as) -> world.network.channel(this, site.id()),
            site.agentClock(),
            random);
    if (site.direction().receives()) {
      driveSteadily(apply, BRISK);
    }
    Runnable wakeCapture = () -> {};
    Runnable wakeUplink = () -> {};
    if (sends) {
      drive(watch, BEAT);
      wakeCapture = driveSteadily(capture, BRISK)::wake;
      wakeUplink = drive(new UplinkLoop(desk), BRISK)::wake;
    }
    Drive control = drive(new ControlLoop(desk, state, new ModelTables(), source, renewal), BRISK);
    desk.wakes(wakeCapture, wakeUplink, control::wake);
    Drive linking = drive(link, BRISK);
    link.onChange(linking::wake);
    drive(
        new HeartbeatLoop(
            desk,
            () -> new Vitals(desk.pendingTransactions(), capture.capturedMicros(), 0),
            Map.of(),
            () -> null),
        BEAT);
    world.trace.note(name, "agent starts");
  }

  private byte[] secret() {
    return (site.name() + " has a secret of at least so many bytes")
        .getBytes(StandardCharsets.UTF_8);
  }

  Site site() {
    return site;
  }

  long pendingTransactions() {
    return desk.pendingTransactions();
  }

  String describe() {
    return DeskView.describe(desk);
  }

  Optional<Fault> halted() {
    return DeskView.halted(desk);
  }

  @Override
  void died() {
    world.counts.agentDeaths++;
    world.network.gone(this);
    if (world.random.nextInt(3) == 0) {
      site.losePower();
    }
    if (!site.isGone()) {
      world.schedule.after(100_000 + world.random.nextInt(3_000_000), site::start);
    }
  }

  @Override
  void failed(Fault fault) {
    world.trace.note(name, "agent stops: " + fault.getMessage());
    Optional<NewLife> next = desk.newLife();
    if (next.isPresent()) {
      site.beginAnew(next.get());
      die("begins anew");
    } else {
      world.verdict.stopped(site, fault);
      die("stopped");
    }
  }

  /** The tables of a model database under any plan. */
  private final class ModelTables implements LocalTables {
    @Override
    public TableReport check(PlanScope plan) {
      List<TableDescription> tables = new ArrayList<>();
      for (TableSchema table : Tables.ALL) {
        if (plan.patterns().contains(table.table().name())) {
          tables.add(
              new TableDescription(table, List.of(), List.of(), true, site.wasEmptyAtStart(table)));
        }
      }
      return new TableReport(plan.version(), tables, List.of(), plan.agreedTypes());
    }

    @Override
    public TableReport take(PlanScope plan) {
      return check(plan);
    }
  }
}
