package io.spokewire.hub.admin;

import static io.spokewire.hub.audit.Conflicts.LOG;
import static io.spokewire.hub.audit.Conflicts.ORDERS;
import static io.spokewire.hub.audit.Conflicts.START;
import static io.spokewire.hub.audit.Conflicts.conflict;
import static io.spokewire.hub.audit.Conflicts.outcome;
import static io.spokewire.hub.audit.Conflicts.status;
import static io.spokewire.hub.audit.Conflicts.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.wire.FaultWire;
import io.spokewire.hub.audit.AuditedConflict;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.Retried;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.resolve.Retrial;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.TopologyInMemory;
import io.spokewire.proto.AddSpokeRequest;
import io.spokewire.proto.AddSpokeResponse;
import io.spokewire.proto.AdminGrpc;
import io.spokewire.proto.AppliedPlan;
import io.spokewire.proto.ApplyPlanRequest;
import io.spokewire.proto.Conflict;
import io.spokewire.proto.ConflictCounts;
import io.spokewire.proto.ConflictFilter;
import io.spokewire.proto.ConvergenceProgress;
import io.spokewire.proto.CountConflictsRequest;
import io.spokewire.proto.DecideConflictRequest;
import io.spokewire.proto.ListConflictsRequest;
import io.spokewire.proto.ListSpokesRequest;
import io.spokewire.proto.PauseSpokeRequest;
import io.spokewire.proto.PlanTrial;
import io.spokewire.proto.PlanVerdict;
import io.spokewire.proto.RejoinSpokeRequest;
import io.spokewire.proto.RemoveSpokeRequest;
import io.spokewire.proto.ResumeSpokeRequest;
import io.spokewire.proto.RevertConflictsRequest;
import io.spokewire.proto.ShowConflictRequest;
import io.spokewire.proto.ShowPlanRequest;
import io.spokewire.proto.ShowSpokeRequest;
import io.spokewire.proto.SpokeSummary;
import io.spokewire.proto.StatusReport;
import io.spokewire.proto.StatusRequest;
import io.spokewire.proto.TryPlanRequest;
import io.spokewire.proto.ValidatePlanRequest;
import io.spokewire.proto.WaitConvergedRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The admin service over a real connection; only the hub behind it is a stand-in. */
final class AdminServiceTest {
  private static final SpokeId LISBON = new SpokeId("lisbon");
  private static final Instant EXPIRES = Instant.parse("2026-11-22T11:00:00Z");

  @TempDir Path directory;

  private final SchemaBook schemas = new SchemaBook();
  private final TopologyInMemory topology = new TopologyInMemory();
  private final SpokeBoard board = new SpokeBoard();
  private final Notices notices = new Notices();
  private final ObedientControl control = new ObedientControl(topology);
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean administrator = true;
  private volatile boolean tokensBroken;
  private volatile long ordersLagMicros;
  private ConflictAudit audit;
  private Server server;
  private ManagedChannel channel;
  private AdminGrpc.AdminBlockingStub hub;

  @BeforeEach
  void start() throws IOException {
    schemas.add(ORDERS);
    audit = ConflictAudit.open(directory.resolve("audit.db"), schemas);
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InsecureServerCredentials.create())
            .executor(executor)
            .addService(service())
            .build()
            .start();
    channel =
        Grpc.newChannelBuilderForAddress(
                "127.0.0.1", server.getPort(), InsecureChannelCredentials.create())
            .build();
    hub = AdminGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    executor.shutdownNow();
    audit.close();
  }

  @Test
  void addingASpokeGivesItsTokenAndTheWholeJoinCommand() {
    AddSpokeResponse added =
        hub.addSpoke(
            AddSpokeRequest.newBuilder()
                .setName("lisbon")
                .setDirection("push")
                .setTtlSeconds(600)
                .build());

    assertThat(added.getToken()).isEqualTo("token-of-lisbon-for-600");
    assertThat(added.getExpiresMicros()).isEqualTo(EXPIRES.toEpochMilli() * 1_000);
    assertThat(added.getJoinCommand())
        .startsWith("spoke-agent join --hub 127.0.0.1:7400 --token token-of-lisbon-for-600 ")
        .contains("--data-dir /var/lib/spokewire/lisbon")
        .contains("--database")
        .contains("--user")
        .contains("--credentials");
    assertThat(hub.showSpoke(show("lisbon")).getSummary().getDirection()).isEqualTo("push");
    assertThat(hub.showSpoke(show("lisbon")).getSummary().getReason())
        .isEqualTo("its agent has not joined yet");
  }

  @Test
  void aSpokeThatGetsNoTokenIsNotLeftBehind() {
    tokensBroken = true;
    Fault fault = refused(() -> hub.addSpoke(named("lisbon")));
    assertThat(fault.kind()).isEqualTo(FaultKind.INTERNAL);
    assertThat(topology.spokes()).isEmpty();
  }

  @Test
  void wrongRequestsSayWhatIsRight() {
    hub.addSpoke(named("lisbon"));
    assertThat(refused(() -> hub.addSpoke(named("lisbon"))).hint()).contains("another name");
    assertThat(refused(() -> hub.addSpoke(named("Lisbon"))).reason()).contains("lower-case");
    assertThat(refused(() -> hub.addSpoke(named("hub"))).reason()).contains("the hub's own name");
    assertThat(
            refused(() -> hub.addSpoke(named("porto").toBuilder().setDirection("sideways").build()))
                .reason())
        .contains("both, push or pull");
    assertThat(
            refused(() -> hub.addSpoke(named("porto").toBuilder().setChannel("fast").build()))
                .hint())
        .contains("main");
    assertThat(
            refused(
                    () ->
                        hub.addSpoke(named("porto").toBuilder().setTtlSeconds(99_999_999).build()))
                .hint())
        .contains("30d");
    Fault unknown =
        refused(() -> hub.pauseSpoke(PauseSpokeRequest.newBuilder().setName("x").build()));
    assertThat(unknown.kind()).isEqualTo(FaultKind.USAGE);
    assertThat(unknown.operation()).isEqualTo("pause spoke");
    assertThat(unknown.reason()).isEqualTo("there is no spoke 'x'");
    assertThat(unknown.hint()).contains("topology list");
  }

  @Test
  void whoIsNoAdministratorIsRefusedEverything() {
    administrator = false;
    List<Runnable> calls =
        List.of(
            () -> hub.addSpoke(named("lisbon")),
            () -> hub.listSpokes(ListSpokesRequest.getDefaultInstance()),
            () -> hub.showSpoke(show("lisbon")),
            () -> hub.removeSpoke(RemoveSpokeRequest.newBuilder().setName("lisbon").build()),
            () -> hub.pauseSpoke(PauseSpokeRequest.newBuilder().setName("lisbon").build()),
            () -> hub.resumeSpoke(ResumeSpokeRequest.newBuilder().setName("lisbon").build()),
            () ->
                hub.rejoinSpoke(
                    RejoinSpokeRequest.newBuilder().setName("lisbon").setCatchUp(true).build()),
            () -> hub.validatePlan(ValidatePlanRequest.getDefaultInstance()),
            () -> hub.applyPlan(ApplyPlanRequest.getDefaultInstance()),
            () -> hub.showPlan(ShowPlanRequest.getDefaultInstance()),
            () -> hub.status(StatusRequest.getDefaultInstance()),
            () -> hub.waitConverged(WaitConvergedRequest.getDefaultInstance()).next(),
            () -> hub.listConflicts(ListConflictsRequest.getDefaultInstance()).next(),
            () -> hub.showConflict(ShowConflictRequest.getDefaultInstance()),
            () -> hub.countConflicts(CountConflictsRequest.getDefaultInstance()),
            () -> hub.decideConflict(DecideConflictRequest.getDefaultInstance()),
            () -> hub.revertConflicts(RevertConflictsRequest.getDefaultInstance()),
            () -> hub.tryPlan(TryPlanRequest.getDefaultInstance()).next());
    assertThat(calls).hasSize(AdminGrpc.getServiceDescriptor().getMethods().size());
    for (Runnable call : calls) {
      StatusRuntimeException refusal =
          catchThrowableOfType(StatusRuntimeException.class, call::run);
      assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    }
    assertThat(topology.spokes()).isEmpty();
    assertThat(topology.plan()).isEmpty();
  }

  @Test
  void pausingAnswersWithTheStateInForce() {
    live("lisbon");
    SpokeSummary paused = hub.pauseSpoke(PauseSpokeRequest.newBuilder().setName("lisbon").build());
    assertThat(paused.getState()).isEqualTo("paused");
    assertThat(topology.find(LISBON).orElseThrow().paused()).isTrue();
    assertThat(
            hub.resumeSpoke(ResumeSpokeRequest.newBuilder().setName("lisbon").build()).getState())
        .isEqualTo("live");
  }

  @Test
  void aRemovedSpokeIsGoneFromTheList() {
    live("lisbon");
    live("porto");
    hub.removeSpoke(RemoveSpokeRequest.newBuilder().setName("lisbon").build());
    assertThat(hub.listSpokes(ListSpokesRequest.getDefaultInstance()).getSpokesList())
        .extracting(SpokeSummary::getName)
        .containsExactly("porto");
  }

  @Test
  void aPlanIsReadThenCheckedThenApplied() {
    PlanVerdict verdict =
        hub.validatePlan(ValidatePlanRequest.newBuilder().setText("tables: [orders]").build());
    assertThat(verdict.getWarningsList()).containsExactly("lisbon: nothing matches 'archive_*'");
    assertThat(verdict.getNotActiveList()).containsExactly("metrics");
    assertThat(hub.showPlan(ShowPlanRequest.getDefaultInstance()).getVersion()).isZero();

    AppliedPlan applied =
        hub.applyPlan(ApplyPlanRequest.newBuilder().setText("tables: [orders]").build());
    assertThat(applied.getVersion()).isEqualTo(1);
    assertThat(hub.showPlan(ShowPlanRequest.getDefaultInstance()).getText())
        .isEqualTo("tables: [orders]");

    assertThat(
            refused(() -> hub.applyPlan(ApplyPlanRequest.newBuilder().setText("nonsense").build()))
                .reason())
        .isEqualTo("2 faults\nplan:1: one\nplan:2: two");
    assertThat(topology.planHistory()).hasSize(1);
  }

  @Test
  void theStatusIsAsGraveAsItsWorstPart() {
    live("lisbon");
    assertThat(statusNow().getStatus()).isEqualTo("healthy");
    ordersLagMicros = 61_000_000;
    assertThat(statusNow().getStatus()).isEqualTo("degraded");
    assertThat(statusNow().getTables(0).getStatus()).isEqualTo("behind");
    ordersLagMicros = 0;
    board.update(LISBON, r -> reading(true, "disk full"));
    assertThat(statusNow().getStatus()).isEqualTo("degraded");
    board.update(LISBON, r -> reading(true, ""));
    Notices.Subject window = new Notices.Subject("window", "");
    notices.raise(window, new Notices.Notice(Notices.Gravity.WARNING, "much", "do this"));
    assertThat(statusNow().getStatus()).isEqualTo("degraded");
    notices.raise(window, new Notices.Notice(Notices.Gravity.BLOCKING, "too much", "do this"));
    assertThat(statusNow().getStatus()).isEqualTo("critical");
    assertThat(statusNow().getNoticesList())
        .singleElement()
        .matches(n -> n.getText().equals("too much") && n.getHint().equals("do this"));
    notices.clear(window);
    assertThat(statusNow().getStatus()).isEqualTo("healthy");
    standing("lisbon", Spoke.Standing.NEEDS_RESYNC);
    assertThat(statusNow().getStatus()).isEqualTo("critical");
  }

  @Test
  void theStatusCountsConflictsOfTheLastDayFromTheAudit() {
    audit.project(List.of(outcome(1, status(7, "a", "b", "c"), status(8, "a", "b", "c"))));
    StatusReport report = statusNow();
    assertThat(report.getLast24Hours().getConflicts()).isEqualTo(2);
    assertThat(report.getLast24Hours().getRecordsSynced()).isEqualTo(450);
    assertThat(report.getHeadPositionMap()).containsEntry("main", 0L);
    assertThat(report.getThroughput().getPeak()).isEqualTo(12.5);
  }

  @Test
  void waitingSaysWhatIsLackingUntilItConverges() {
    Iterator<ConvergenceProgress> progress =
        hub.waitConverged(WaitConvergedRequest.newBuilder().setTimeoutMillis(20_000).build());
    assertThat(progress.next().getLackingList()).containsExactly("porto is offline");
    control.converged.countDown();
    ConvergenceProgress last = progress.next();
    while (!last.getFinished()) {
      last = progress.next();
    }
    assertThat(last.getConverged()).isTrue();
    assertThat(last.getLackingList()).isEmpty();
    await().until(() -> control.barriersOpen.get() == 0);
  }

  @Test
  void waitingEndsAtItsTimeoutWithWhatIsLacking() {
    Iterator<ConvergenceProgress> progress =
        hub.waitConverged(WaitConvergedRequest.newBuilder().setTimeoutMillis(50).build());
    ConvergenceProgress last = progress.next();
    while (!last.getFinished()) {
      last = progress.next();
    }
    assertThat(last.getConverged()).isFalse();
    assertThat(last.getLackingList()).containsExactly("porto is offline");
  }

  @Test
  void aBarrierIsGivenUpWhenNobodyWaitsAnyMore() {
    Iterator<ConvergenceProgress> progress =
        hub.waitConverged(WaitConvergedRequest.newBuilder().setTimeoutMillis(600_000).build());
    progress.next();
    assertThat(control.barriersOpen).hasValue(1);
    channel.shutdownNow();
    await().until(() -> control.barriersOpen.get() == 0);
  }

  @Test
  void manyConflictsAreStreamedInPagesNewestFirst() {
    List<LogEntry> log = new ArrayList<>();
    for (int number = 1; number <= 1_001; number++) {
      log.add(outcome(number, status(number, "new", "paid", "cancelled")));
    }
    audit.project(log);

    List<Long> ids = new ArrayList<>();
    hub.listConflicts(ListConflictsRequest.getDefaultInstance())
        .forEachRemaining(c -> ids.add(c.getId()));
    assertThat(ids).hasSize(1_001).doesNotHaveDuplicates();
    assertThat(ids.getFirst()).isEqualTo(1_001);

    List<Conflict> some = new ArrayList<>();
    hub.listConflicts(ListConflictsRequest.newBuilder().setLimit(450).build())
        .forEachRemaining(some::add);
    assertThat(some).hasSize(450);
    List<Conflict> one = new ArrayList<>();
    hub.listConflicts(
            ListConflictsRequest.newBuilder()
                .setFilter(
                    ConflictFilter.newBuilder()
                        .setTable("orders")
                        .setKey("7")
                        .setSinceMicros(START.toEpochMilli() * 1_000))
                .build())
        .forEachRemaining(one::add);
    assertThat(one).hasSize(1);
    assertThat(one.getFirst().getSource().getClockMap()).containsEntry("lisbon", 173L);
    assertThat(one.getFirst().getSource().getValue().getText()).isEqualTo("paid");
  }

  @Test
  void theNextPageBeginsBehindAConflict() {
    audit.project(
        List.of(outcome(1, status(1, "a", "b", "c")), outcome(2, status(2, "a", "b", "c"))));
    List<Long> ids = new ArrayList<>();
    hub.listConflicts(ListConflictsRequest.newBuilder().setBefore(2).build())
        .forEachRemaining(c -> ids.add(c.getId()));
    assertThat(ids).containsExactly(1L);
  }

  @Test
  void conflictsAreCountedByWhatWasAskedFor() {
    audit.project(
        List.of(outcome(1, status(1, "a", "b", "c")), outcome(2, status(2, "a", "b", "c"))));
    ConflictCounts counts =
        hub.countConflicts(
            CountConflictsRequest.newBuilder().addBy("field").addBy("spokes").build());
    assertThat(counts.getRowsList()).hasSize(1);
    assertThat(counts.getRows(0).getValuesList()).containsExactly("status", "lisbon porto");
    assertThat(counts.getRows(0).getConflicts()).isEqualTo(2);
    Fault wrong =
        refused(() -> hub.countConflicts(CountConflictsRequest.newBuilder().addBy("moon").build()));
    assertThat(wrong.kind()).isEqualTo(FaultKind.USAGE);
    assertThat(wrong.hint()).contains("strategy");
  }

  @Test
  void aFilterThatMakesNoSenseIsAUsageFault() {
    assertThat(refused(ConflictFilter.newBuilder().setState("lost")))
        .contains("settled, open, decided, reverted");
    assertThat(refused(ConflictFilter.newBuilder().setKind("nonsense")))
        .contains("'nonsense' is no kind of conflict", "update_concurrent, update_deleted");
  }

  private String refused(ConflictFilter.Builder filter) {
    ListConflictsRequest request = ListConflictsRequest.newBuilder().setFilter(filter).build();
    Fault fault = refused(() -> hub.listConflicts(request).next());
    assertThat(fault.kind()).isEqualTo(FaultKind.USAGE);
    return fault.reason();
  }

  @Test
  void anotherPlanIsTriedOnTheConflictsThereWere() {
    audit.project(
        List.of(
            outcome(1, status(1, "a", "paid", "late")),
            outcome(
                2,
                conflict(
                    2, "total", ConflictKind.UPDATE_CONCURRENT, text("1"), text("2"), text("3")))));
    List<PlanTrial> messages = new ArrayList<>();
    hub.tryPlan(
            TryPlanRequest.newBuilder()
                .setPlan(
                    """
                    tables: [orders]
                    conflict_resolution:
                      strategies:
                        - name: first_write_wins
                        - name: custom_rules
                          rules: [{field: total, strategy: sum}]
                      tables: {orders: custom_rules}
                    """)
                .build())
        .forEachRemaining(messages::add);
    assertThat(messages).hasSize(2);
    assertThat(messages.getFirst().getDifference().getConflict().getId()).isEqualTo(1);
    assertThat(messages.getFirst().getDifference().getConflict().getResult().getText())
        .isEqualTo("paid");
    assertThat(messages.getFirst().getDifference().getResult().getText()).isEqualTo("late");
    assertThat(messages.getFirst().getDifference().getResolution()).isEqualTo("first_write_wins");
    assertThat(messages.getLast().getSummary().getTried()).isEqualTo(1);
    assertThat(messages.getLast().getSummary().getDifferent()).isEqualTo(1);
    assertThat(messages.getLast().getSummary().getNotTried(0).getReason()).contains("sum");
  }

  @Test
  void anUnknownConflictIsAUsageFault() {
    assertThat(
            refused(() -> hub.showConflict(ShowConflictRequest.newBuilder().setId(99).build()))
                .reason())
        .isEqualTo("there is no conflict 99");
  }

  private AdminService service() {
    AdminAccess access =
        () -> {
          if (!administrator) {
            throw Fault.of(FaultKind.REFUSED, "call the hub", "not an administrator").build();
          }
          return "admin";
        };
    JoinInvitations invitations =
        (spoke, ttl) -> {
          if (tokensBroken) {
            throw Fault.of(FaultKind.INTERNAL, "make a token", "disk full").build();
          }
          return new JoinInvitations.Invitation(
              "token-of-" + spoke + "-for-" + ttl.toSeconds(), EXPIRES, "127.0.0.1:7400");
        };
    PlanReader reader =
        text -> {
          if (text.equals("nonsense")) {
            throw Fault.of(FaultKind.USAGE, "read plan", "2 faults\nplan:1: one\nplan:2: two")
                .build();
          }
          return List.of("metrics");
        };
    FlowReadings flow =
        new FlowReadings() {
          @Override
          public List<TableFlow> tables() {
            return List.of(new TableFlow(new TableName("orders"), ordersLagMicros, 1_200));
          }

          @Override
          public Rates throughput() {
            return new Rates(10, 7.5, 12.5);
          }

          @Override
          public Day last24Hours() {
            return new Day(450, 2);
          }
        };
    TimeSource time =
        new TimeSource() {
          @Override
          public long epochMicros() {
            return START.plusSeconds(60).toEpochMilli() * 1_000;
          }

          @Override
          public long nanos() {
            return System.nanoTime();
          }
        };
    TopologyDesk topologyDesk =
        new TopologyDesk(
            topology, board, control, invitations, SpokeStates.DEFAULT, ChannelId.MAIN);
    PlanDesk planDesk = new PlanDesk(topology, control, reader);
    ConflictDesk conflicts = new ConflictDesk(audit);
    return new AdminService(
        access,
        topologyDesk,
        planDesk,
        new StatusDesk(
            "hub",
            topologyDesk,
            planDesk,
            flow,
            audit,
            SpokeStates.DEFAULT,
            notices,
            () -> LOG,
            time),
        new ConvergenceDesk(control, time, Duration.ofMillis(20)),
        conflicts,
        new TrialDesk(conflicts, planDesk, this::underPlan),
        new RulingDesk(audit, control, schemas));
  }

  private Trial underPlan(String plan) {
    Retrial retrial = Retrial.under(new PlanParser().parse("plan", plan), schemas);
    return new Trial() {
      @Override
      public Retried of(ConflictRecord conflict) {
        return retrial.of(conflict);
      }

      @Override
      public AuditedConflict.Shown shown(ConflictRecord conflict, Retried.Settled settled) {
        return AuditedConflict.Shown.of(ORDERS, conflict.field(), settled.result());
      }
    };
  }

  private StatusReport statusNow() {
    return hub.status(StatusRequest.getDefaultInstance());
  }

  private void live(String name) {
    hub.addSpoke(named(name));
    standing(name, Spoke.Standing.LIVE);
    board.update(new SpokeId(name), r -> reading(true, ""));
  }

  private void standing(String name, Spoke.Standing standing) {
    topology.update(
        new SpokeId(name),
        s ->
            new Spoke(
                s.id(),
                s.direction(),
                s.channel(),
                "postgresql",
                s.epoch(),
                standing,
                "",
                s.paused(),
                s.startsAfter(),
                s.assumeIdentical(),
                s.session()));
  }

  private static SpokeBoard.Reading reading(boolean connected, String fault) {
    return new SpokeBoard.Reading(
        connected, 0, 0, 0, 0, 0, 0, fault, "", 0, "", "", List.of(), List.of());
  }

  private static AddSpokeRequest named(String name) {
    return AddSpokeRequest.newBuilder().setName(name).build();
  }

  private static ShowSpokeRequest show(String name) {
    return ShowSpokeRequest.newBuilder().setName(name).build();
  }

  private static Fault refused(Runnable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call::run);
    byte[] detail =
        failure
            .getTrailers()
            .get(Metadata.Key.of(FaultWire.TRAILER, Metadata.BINARY_BYTE_MARSHALLER));
    return FaultWire.fromBytes(detail).orElseThrow();
  }
}
