package io.spokewire.hub;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.Plan;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.lifecycle.Lifecycle;
import io.spokewire.common.lifecycle.LoopRunner;
import io.spokewire.hub.admin.AdminService;
import io.spokewire.hub.admin.ConflictDesk;
import io.spokewire.hub.admin.ConvergenceDesk;
import io.spokewire.hub.admin.JoinInvitations;
import io.spokewire.hub.admin.PlanDesk;
import io.spokewire.hub.admin.RulingDesk;
import io.spokewire.hub.admin.SpokeStates;
import io.spokewire.hub.admin.StatusDesk;
import io.spokewire.hub.admin.TopologyDesk;
import io.spokewire.hub.admin.TrialDesk;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.audit.PostgresPlace;
import io.spokewire.hub.enrolment.EnrolmentService;
import io.spokewire.hub.enrolment.FailureLimit;
import io.spokewire.hub.fanout.LogTail;
import io.spokewire.hub.fanout.SpokeCursor;
import io.spokewire.hub.http.HttpPort;
import io.spokewire.hub.http.HubMetrics;
import io.spokewire.hub.log.rocksdb.RocksHubStore;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.WindowMeter;
import io.spokewire.hub.pipeline.AuditLoop;
import io.spokewire.hub.pipeline.AuditPolicy;
import io.spokewire.hub.pipeline.Bell;
import io.spokewire.hub.pipeline.FanOutLoop;
import io.spokewire.hub.pipeline.HubDesk;
import io.spokewire.hub.pipeline.PipelineSettings;
import io.spokewire.hub.pipeline.Reception;
import io.spokewire.hub.pipeline.SequenceLoop;
import io.spokewire.hub.settings.AdminProfile;
import io.spokewire.hub.settings.DataDirectory;
import io.spokewire.hub.settings.HostPort;
import io.spokewire.hub.settings.HubSettings;
import io.spokewire.hub.stream.SpokeLinkService;
import io.spokewire.hub.stream.StreamSettings;
import io.spokewire.hub.tls.AdminPeer;
import io.spokewire.hub.tls.AuthorityRenewal;
import io.spokewire.hub.tls.GrpcPort;
import io.spokewire.hub.tls.HubIdentity;
import io.spokewire.hub.tls.PeerCheck;
import io.spokewire.hub.tls.PeerInterceptor;
import io.spokewire.hub.tls.PeerInterceptor.Audience;
import io.spokewire.hub.topology.HubControl;
import io.spokewire.hub.topology.JoinTokens;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.SqliteCertificates;
import io.spokewire.hub.topology.SqliteLogTimes;
import io.spokewire.hub.topology.SqliteTopology;
import io.spokewire.hub.topology.Topology;
import io.spokewire.hub.topology.TopologyDatabase;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.KeyWithCertificate;
import io.spokewire.hub.topology.certificate.Pem;
import io.spokewire.proto.AdminGrpc;
import io.spokewire.proto.EnrolmentGrpc;
import io.spokewire.proto.SpokeLinkGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A running hub: the list of its parts, in the order they start. Closing it stops them in reverse;
 * closing it again does nothing.
 */
final class HubProcess implements AutoCloseable {
  private static final int FAILED_JOINS_PER_MINUTE = 10;

  /**
   * Enough for spokes that keep up, and little enough to be gone before the collector would move it
   * to where only a full collection finds it.
   */
  private static final long TAIL_BYTES = 8L << 20;

  private static final Duration LOOP_IDLE = Duration.ofMillis(50);
  private static final Duration AUDIT_IDLE = Duration.ofMillis(50);
  private static final Duration WATCH_PACE = Duration.ofSeconds(1);
  private static final Duration PROGRESS_PACE = Duration.ofSeconds(1);

  private static final Map<String, Audience> AUDIENCES =
      Map.of(
          EnrolmentGrpc.SERVICE_NAME,
          Audience.ANYBODY,
          SpokeLinkGrpc.SERVICE_NAME,
          Audience.SPOKES,
          AdminGrpc.SERVICE_NAME,
          Audience.ADMINS);

  private final Lifecycle parts;
  private final HostPort grpc;
  private final HostPort http;
  private final CompletableFuture<Fault> fault;

  private HubProcess(
      Lifecycle parts, HostPort grpc, HostPort http, CompletableFuture<Fault> fault) {
    this.parts = parts;
    this.grpc = grpc;
    this.http = http;
    this.fault = fault;
  }

  /** Starts everything, or throws with everything stopped again. */
  static HubProcess start(Path dataDir, TimeSource time, SecureRandom random) {
    Lifecycle parts = new Lifecycle();
    boolean started = false;
    try {
      HubProcess hub = start(parts, dataDir, time, random);
      started = true;
      return hub;
    } finally {
      if (!started) {
        parts.close();
      }
    }
  }

  private static HubProcess start(
      Lifecycle parts, Path dataDir, TimeSource time, SecureRandom random) {
    CompletableFuture<Fault> fault = new CompletableFuture<>();
    DataDirectory directory = parts.add(DataDirectory.open(dataDir));
    HubSettings settings = HubSettings.read(directory.settings());

    // Who belongs to the topology, and how they prove it.
    CertificateAuthority authority = authority(directory, settings, time, random);
    TopologyDatabase database = parts.add(TopologyDatabase.open(directory.topology()));
    SqliteTopology topology = new SqliteTopology(database);
    SqliteCertificates certificates = new SqliteCertificates(database, time);
    JoinTokens tokens = new JoinTokens(database, topology, authority.pin(), time, random);
    HubIdentity identity = new HubIdentity(authority, directory, settings, time, random);
    parts.start(
        new LoopRunner(
            identity, renewalPace(settings.certificates().leafLifetime()), fault::complete));

    // The log, and what is known of the spokes while they are connected.
    RocksHubStore store =
        parts.add(
            RocksHubStore.open(
                directory.log(), ChannelId.MAIN, () -> new LogIncarnation(UUID.randomUUID())));
    SchemaBook schemas = new SchemaBook();
    schemas.addAll(store.recover().schemas());
    SpokeBoard board = new SpokeBoard();
    FlowMeter meter = new FlowMeter(time, schemas);
    WindowMeter windowMeter = new WindowMeter();
    Notices notices = new Notices();
    ConflictAudit audit = parts.add(audit(directory, settings.audit(), schemas));

    // The loops: stream -> resolve -> log, and log -> fanout -> stream.
    PipelineSettings pipeline = pipeline(settings);
    LogTail tail = new LogTail(TAIL_BYTES);
    Function<String, Plan> plans = text -> new PlanParser().parse("plan", text);
    AuditLoop auditLoop =
        new AuditLoop(
            store,
            tail,
            audit,
            AuditPolicy.of(topology, plans, settings.audit().retention()),
            notices,
            time);
    Bell sequenceBell = new Bell();
    Bell fanOutBell = new Bell();
    FanOutLoop fanOut = new FanOutLoop(store, tail, schemas, board, time, pipeline, fanOutBell);
    Reception reception = new Reception(fanOut, sequenceBell);
    SequenceLoop sequence =
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
                new SqliteLogTimes(database),
                plans,
                () -> auditLoop.projectedThrough().number(),
                () -> auditLoop.durableThrough().number(),
                fanOutBell,
                time,
                pipeline));
    HubControl control = new HubDesk(reception, sequence, topology, plans, UUID::randomUUID);
    SpokeLinkService link =
        new SpokeLinkService(
            store.head(),
            reception,
            schemas,
            board,
            new AuthorityRenewal(authority, certificates, settings.certificates().leafLifetime()),
            time,
            stream(settings));
    parts.start(new LoopRunner(auditLoop, AUDIT_IDLE, fault::complete));
    LoopRunner fanOutRunner = parts.start(new LoopRunner(fanOut, LOOP_IDLE, fault::complete));
    fanOutBell.connect(fanOutRunner::wake);
    LoopRunner sequenceRunner = parts.start(new LoopRunner(sequence, LOOP_IDLE, fault::complete));
    sequenceBell.connect(sequenceRunner::wake);
    parts.start(new LoopRunner(link.watch(), WATCH_PACE, fault::complete));

    // Doors, last: what they lead to is ready.
    EnrolmentService enrolment =
        new EnrolmentService(
            tokens,
            authority,
            settings.certificates().leafLifetime(),
            new FailureLimit(FAILED_JOINS_PER_MINUTE, time));
    CompletableFuture<HostPort> reachedAt = new CompletableFuture<>();
    HubFlow flow = new HubFlow(meter, topology, board);
    AdminService admin =
        admin(
            settings, topology, board, control, tokens, reachedAt, flow, audit, schemas, notices,
            store, time);
    PeerCheck check = new PeerCheck(authority, certificates, topology, time);
    GrpcPort grpc =
        parts.add(
            new GrpcPort(
                settings.grpc().listen(),
                identity,
                new PeerInterceptor(check, AUDIENCES),
                List.of(enrolment, link, admin),
                settings.window().frameBytes()));
    reachedAt.complete(settings.grpc().reachedAt(grpc.address().port()));
    HubMetrics metrics =
        new HubMetrics(
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
            meter,
            windowMeter,
            board,
            topology);
    HttpPort http =
        parts.add(
            new HttpPort(
                settings.http(),
                metrics,
                () -> lacking(fault, notices, sequenceRunner, fanOutRunner),
                new ConsoleStatus(
                    settings.name(), topology, board, flow, audit, notices, time::instant)));
    keepProfileInStep(directory, settings.grpc().reachedAt(grpc.address().port()));
    return new HubProcess(parts, grpc.address(), http.address(), fault);
  }

  HostPort grpc() {
    return grpc;
  }

  HostPort http() {
    return http;
  }

  /** Waits for a loop to stop by a fault; never returns while all is well. */
  Fault awaitFault() throws InterruptedException {
    try {
      return fault.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("nobody completes it so", e);
    }
  }

  @Override
  public void close() {
    synchronized (parts) {
      parts.close();
    }
  }

  private static AdminService admin(
      HubSettings settings,
      Topology topology,
      SpokeBoard board,
      HubControl control,
      JoinTokens tokens,
      CompletableFuture<HostPort> reachedAt,
      HubFlow flow,
      ConflictAudit audit,
      SchemaBook schemas,
      Notices notices,
      RocksHubStore store,
      TimeSource time) {
    TopologyDesk topologyDesk =
        new TopologyDesk(
            topology,
            board,
            control,
            (spoke, life) -> invitation(tokens.issue(spoke, life), reachedAt.join()),
            SpokeStates.DEFAULT,
            ChannelId.MAIN);
    PlanDesk planDesk =
        new PlanDesk(topology, control, text -> new PlanParser().parse("plan", text).notActive());
    StatusDesk statusDesk =
        new StatusDesk(
            settings.name(),
            topologyDesk,
            planDesk,
            flow,
            audit,
            SpokeStates.DEFAULT,
            notices,
            store::head,
            time);
    ConflictDesk conflicts = new ConflictDesk(audit);
    return new AdminService(
        () -> AdminPeer.current().name(),
        topologyDesk,
        planDesk,
        statusDesk,
        new ConvergenceDesk(control, time, PROGRESS_PACE),
        conflicts,
        new TrialDesk(conflicts, planDesk, new PlanTrials(schemas)),
        new RulingDesk(audit, control, schemas));
  }

  private static JoinInvitations.Invitation invitation(JoinTokens.Issued issued, HostPort hub) {
    return new JoinInvitations.Invitation(issued.token().text(), issued.expires(), hub.toString());
  }

  private static ConflictAudit audit(
      DataDirectory directory, HubSettings.Audit settings, SchemaBook schemas) {
    if (settings.postgres().isEmpty()) {
      return ConflictAudit.open(directory.audit(), schemas);
    }
    HubSettings.Postgres postgres = settings.postgres().get();
    directory.demandPrivate(postgres.credentials());
    return ConflictAudit.open(
        new PostgresPlace(
            postgres.url(), postgres.user(), postgres.credentials().source(System::getenv)),
        schemas);
  }

  private static PipelineSettings pipeline(HubSettings settings) {
    PipelineSettings standard = PipelineSettings.DEFAULT;
    return new PipelineSettings(
        standard.groupTransactions(),
        standard.groupBytes(),
        settings.clock().maxSkew(),
        standard.hashesKept(),
        standard.lazily(),
        settings.log().maxBytes(),
        settings.log().maxAge(),
        new SpokeCursor.Window(settings.window().entries(), settings.window().bytes()),
        settings.resolve().windowBytes(),
        standard.batchEntries(),
        standard.batchBytes());
  }

  private static StreamSettings stream(HubSettings settings) {
    StreamSettings standard = StreamSettings.DEFAULT;
    return new StreamSettings(
        settings.window().frameBytes(),
        standard.largestBatch(),
        standard.upstreamBytes(),
        standard.heartbeat(),
        standard.silence());
  }

  private static Optional<String> lacking(
      CompletableFuture<Fault> stopped, Notices notices, LoopRunner... runners) {
    Fault ended = stopped.getNow(null);
    if (ended != null) {
      return Optional.ofNullable(ended.getMessage());
    }
    return Stream.concat(
            Arrays.stream(runners)
                .map(LoopRunner::lastFault)
                .filter(Objects::nonNull)
                .map(Fault::getMessage),
            notices.all().stream().filter(Notices.Notice::isBlocking).map(Notices.Notice::line))
        .findFirst();
  }

  private static CertificateAuthority authority(
      DataDirectory directory, HubSettings settings, TimeSource time, SecureRandom random) {
    String text = directory.read(directory.authority());
    X509Certificate certificate = Pem.certificate(text, directory.authority());
    CertificateAuthority authority =
        CertificateAuthority.of(
            settings.name(),
            new KeyWithCertificate(Pem.key(text, directory.authority()), certificate),
            time,
            random);
    if (!authority.isNamedFor(settings.name())) {
      throw Fault.of(
              FaultKind.USAGE,
              "start hub",
              "the hub's authority was made for another name than '" + settings.name() + "'")
          .at(directory.settings())
          .hint("put the name back: it is part of every certificate")
          .build();
    }
    return authority;
  }

  /** A tenth of what is left when a renewal falls due, an hour at most. */
  private static Duration renewalPace(Duration life) {
    Duration pace = life.dividedBy(30);
    Duration longest = Duration.ofHours(1);
    return pace.compareTo(longest) < 0 ? pace : longest;
  }

  /** The port may have been picked just now, and the address edited since init. */
  private static void keepProfileInStep(DataDirectory directory, HostPort address) {
    if (!Files.exists(directory.adminProfile())) {
      return; // moved to where it is needed
    }
    String before = directory.read(directory.adminProfile());
    String after = AdminProfile.withAddress(before, address);
    if (!after.equals(before)) {
      directory.write(directory.adminProfile(), after);
    }
  }
}
