package io.spokewire.simulation;

import io.spokewire.agent.identity.AgentIdentity;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.log.InMemoryHubStore;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.CertifiedName;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * A hub, its spokes and everything around them, on one thread from one seed. Phases: everybody
 * joins; faults rage while users work; the faults end and so do the users; then all must come to
 * rest within bounded time, and everything that is judged at the end is judged.
 */
final class World {
  private static final List<String> NAMES =
      List.of("lisbon", "porto", "madrid", "paris", "rome", "vienna", "oslo", "bern");
  private static final long SECOND = 1_000_000;

  /** Enough for keep-alives and pauses between attempts to run out a few times. */
  private static final long REST_MICROS = 180 * SECOND;

  private static final AgentIdentity IDENTITY = makeIdentity();

  final Random random;
  final Scenario scenario;
  final Schedule schedule = new Schedule();
  final Trace trace;
  final Counts counts = new Counts();
  final Verdict verdict;
  final VirtualClock hubClock = new VirtualClock(schedule);
  final SimulatedHub.Disk disk;
  final History history;
  final Network network;
  final Faults faults;
  final Operator operator;
  final Workload workload;
  final Restores restores;
  final Arbiter arbiter;
  final Mutations mutations;
  final Plans plans = new Plans();
  private final LogReader reader = new LogReader();
  private final Decisions decisions;
  private final List<Site> sites = new ArrayList<>(); // every life of every spoke
  private SimulatedHub hub;
  private Site away;

  /**
   * @param features what it has beyond the plain world
   * @param printed whether everything that happens is printed
   */
  World(long seed, Features features, Mutations mutations, boolean printed) {
    this.trace = new Trace(schedule, printed);
    this.verdict = new Verdict(trace);
    this.random = new Random(seed * 7919 + 17);
    this.scenario = Scenario.draw(random, features);
    this.mutations = mutations;
    UUID log = new UUID(random.nextLong(), random.nextLong());
    this.disk =
        new SimulatedHub.Disk(
            new InMemoryHubStore(Position.beginning(new LogIncarnation(log), ChannelId.MAIN)));
    this.history = new History(this);
    this.decisions = new Decisions(this);
    history.watch(reader);
    history.watch(new Replay(this));
    history.watch(decisions);
    this.network = new Network(this);
    this.faults = new Faults(this);
    this.operator = new Operator(this);
    this.workload = new Workload(this, scenario);
    this.restores = new Restores(this, new Random(seed * 104_729 + 31));
    this.arbiter = new Arbiter(this, new Random(seed * 15_485_863 + 47));
  }

  // ---- who is there

  SimulatedHub hub() {
    return hub;
  }

  /** The sites that belong to the topology. */
  List<Site> present() {
    return sites.stream().filter(s -> !s.isGone()).toList();
  }

  /** The life of a spoke that this writer belongs to; null if there is none. */
  Site siteOf(Writer writer) {
    return sites.reversed().stream()
        .filter(s -> s.id().equals(writer.spoke()))
        .filter(s -> s.lived(writer.epoch()))
        .findFirst()
        .orElse(null);
  }

  Site newSite(Direction direction) {
    String name =
        NAMES.stream()
            .filter(n -> disk.topology.find(new SpokeId(n)).isEmpty())
            .filter(n -> present().stream().noneMatch(s -> s.name().equals(n)))
            .findFirst()
            .orElseThrow();
    Troubles troubles = new Troubles(new Random(random.nextLong()), scenario.databaseTrouble());
    Site site = new Site(this, new SpokeId(name), sites.size(), direction, troubles);
    sites.add(site);
    if (!scenario.filled() && direction.sends()) {
      workload.begin(site);
    }
    return site;
  }

  boolean hasPlan() {
    return disk.topology.plan().isPresent();
  }

  AgentIdentity identity() {
    return IDENTITY;
  }

  void hubDied() {
    if (random.nextInt(3) == 0) {
      disk.log.crash();
    }
    schedule.after(50_000 + random.nextInt(3_000_000), this::startHub);
  }

  private void startHub() {
    if (hub == null || !hub.isAlive()) {
      try {
        hub = new SimulatedHub(this, disk);
      } catch (Killed killed) {
        throw new AssertionError("a fresh switch is not armed", killed);
      }
    }
  }

  // ---- the run

  void run() {
    startHub();
    for (int i = 0; i < scenario.spokes(); i++) {
      begin(Direction.BOTH);
    }
    if (scenario.features().has(Feature.READER)) {
      begin(Direction.PULL);
      counts.readers++;
    }
    if (scenario.features().has(Feature.SENDER)) {
      begin(Direction.PUSH);
      counts.senders++;
    }
    schedule.runUntil(2 * SECOND);
    operator.begin();
    awaitEverybodyLive();
    if (scenario.filled()) {
      present().stream().filter(s -> s.direction().sends()).forEach(workload::begin);
    }
    cutOff();
    faults.begin();
    mutations.begin(this);
    restores.begin();
    arbiter.begin();
    schedule.runUntil(schedule.now() + scenario.roughMicros());
    trace.note("world", "heals");
    workload.stop();
    restores.end();
    arbiter.end();
    faults.heal();
    if (comesToRest()) {
      judge();
    }
  }

  /** P20: one of them is not heard of again before the weather clears up. */
  private void cutOff() {
    if (scenario.features().has(Feature.AWAY)) {
      away = present().get(scenario.spokes() - 1);
      trace.note(away.name(), "is cut off");
      counts.comebacks++;
      network.partition(away, true, true, scenario.roughMicros() + REST_MICROS);
    }
  }

  /** The site that is cut off all the time; null if none is. */
  Site away() {
    return away;
  }

  private void begin(Direction direction) {
    Site site = newSite(direction);
    if (scenario.filled()) {
      fill(site, sites.size() == 1);
    }
    operator.add(site);
  }

  private void fill(Site site, boolean first) {
    for (int id = 0; id < scenario.rows(); id++) {
      for (var table : Tables.ALL) {
        Tables.Key key = new Tables.Key(table, id);
        String[] values = workload.fresh(key, "start", id);
        site.database().begin(key, values);
        if (first) {
          history.begin(key, values);
          reader.begin(key, values);
        }
      }
    }
  }

  private void awaitEverybodyLive() {
    long limit = schedule.now() + 60 * SECOND;
    while (schedule.now() < limit && !disk.topology.spokes().stream().allMatch(this::isLive)) {
      schedule.runUntil(schedule.now() + SECOND / 10);
    }
    if (schedule.now() >= limit) {
      verdict.violation("liveness", "not everybody became live: " + disk.topology.spokes());
    }
  }

  private boolean isLive(Spoke spoke) {
    return spoke.standing() == Spoke.Standing.LIVE;
  }

  /** P23: once faults and users are gone, the hub says "converged" within bounded time. */
  private boolean comesToRest() {
    // Whoever is behind may be sent one entry at a time.
    long catchingUp = 2 * history.head() * scenario.latencyMicros();
    long limit = schedule.now() + REST_MICROS + catchingUp;
    BarrierId barrier = null;
    SimulatedHub asked = null;
    List<String> lacking = List.of("nothing was asked yet");
    while (schedule.now() < limit) {
      schedule.runUntil(schedule.now() + SECOND / 2);
      present().forEach(operator::resume);
      restores.letRejoin();
      dropLeftovers();
      if (isQuiet() && hub.isAlive()) {
        if (asked != hub || barrier == null) {
          barrier = operator.takeBarrier();
          asked = hub;
          continue;
        }
        lacking = operator.lacking(barrier);
        if (lacking.isEmpty()) {
          return true;
        }
      }
    }
    verdict.violation("liveness", "no rest after " + REST_MICROS / SECOND + " s: " + lacking);
    for (Site site : present()) {
      trace.note(site.name(), site.describe());
    }
    return false;
  }

  private boolean isQuiet() {
    return present().stream()
        .map(Site::database)
        .allMatch(d -> d.isUp() && d.open().isEmpty() && d.flushed() == d.log().size());
  }

  /** A removal that the hub died over is asked for again; who can't become live is given up. */
  private void dropLeftovers() {
    for (Spoke spoke : disk.topology.spokes()) {
      Site site =
          present().stream().filter(s -> s.id().equals(spoke.id())).findFirst().orElse(null);
      if (site != null && cameTooLate(spoke)) {
        site.leave();
        site = null;
      }
      if (site == null && hub.isAlive()) {
        hub.enter(() -> hub.operators().remove(spoke.id()));
      }
    }
  }

  /** The log was trimmed between its joining and its first word. */
  private static boolean cameTooLate(Spoke spoke) {
    return spoke.standing() == Spoke.Standing.JOINING && spoke.reason().contains("reaches back");
  }

  private void judge() {
    new FinalJudgement(this, reader, decisions).pronounce();
  }

  private static AgentIdentity makeIdentity() {
    SecureRandom random = new SecureRandom();
    VirtualClock clock = new VirtualClock(new Schedule());
    TimeSource time = clock;
    CertificateAuthority authority = CertificateAuthority.create("simulated", time, random);
    KeyPair key = CertificateAuthority.newKey(random);
    return new AgentIdentity(
        key.getPrivate(),
        authority
            .issue(
                new CertifiedName.OfSpoke(new SpokeId("simulated")),
                key.getPublic(),
                Duration.ofDays(3000))
            .certificate(),
        authority.certificate());
  }
}
