package io.spokewire.admin.client;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.proto.AddSpokeRequest;
import io.spokewire.proto.AddSpokeResponse;
import io.spokewire.proto.AdminGrpc;
import io.spokewire.proto.AppliedPlan;
import io.spokewire.proto.ApplyPlanRequest;
import io.spokewire.proto.ConvergenceProgress;
import io.spokewire.proto.CountConflictsRequest;
import io.spokewire.proto.DecideConflictRequest;
import io.spokewire.proto.ListConflictsRequest;
import io.spokewire.proto.ListSpokesRequest;
import io.spokewire.proto.PauseSpokeRequest;
import io.spokewire.proto.PlanVerdict;
import io.spokewire.proto.RejoinSpokeRequest;
import io.spokewire.proto.RemoveSpokeRequest;
import io.spokewire.proto.ResumeSpokeRequest;
import io.spokewire.proto.RevertConflictsRequest;
import io.spokewire.proto.ShowConflictRequest;
import io.spokewire.proto.ShowPlanRequest;
import io.spokewire.proto.ShowSpokeRequest;
import io.spokewire.proto.ShownPlan;
import io.spokewire.proto.SpokeDetail;
import io.spokewire.proto.SpokeSummary;
import io.spokewire.proto.StatusReport;
import io.spokewire.proto.StatusRequest;
import io.spokewire.proto.TryPlanRequest;
import io.spokewire.proto.ValidatePlanRequest;
import io.spokewire.proto.WaitConvergedRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A connection to the hub. Each call returns the hub's answer or throws a {@link Fault}: the hub's
 * own, or {@code UNREACHABLE} and {@code REFUSED} for what happened on the way. Owned by one
 * thread.
 */
public final class HubClient implements AutoCloseable {
  private static final Duration QUESTION = Duration.ofSeconds(20);

  /** A change answers once it is durable and in force at the agents. */
  private static final Duration CHANGE = Duration.ofSeconds(90);

  private static final Duration LISTING = Duration.ofMinutes(30);
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final ManagedChannel channel;
  private final CallFaults faults;

  /**
   * @param channel owned by the client from now on
   * @param address for messages
   */
  public HubClient(ManagedChannel channel, String address) {
    this.channel = channel;
    this.faults = new CallFaults(address);
  }

  /** Prepares a connection over mutual TLS; it is made with the first call. */
  public static HubClient connect(Profile profile) {
    try (InputStream authority = pem(profile.authority());
        InputStream certificate = pem(profile.certificate());
        InputStream key = pem(profile.key())) {
      ChannelCredentials credentials =
          TlsChannelCredentials.newBuilder()
              .trustManager(authority)
              .keyManager(certificate, key)
              .build();
      Profile.HubAddress hub = profile.hub();
      return new HubClient(
          Grpc.newChannelBuilderForAddress(hub.host(), hub.port(), credentials).build(),
          hub.toString());
    } catch (IOException | IllegalArgumentException e) {
      throw Fault.of(
              FaultKind.USAGE,
              "read the profile",
              "its certificates or key can't be used: " + e.getMessage())
          .hint("use the profile that hub-server init wrote (admin.yaml)")
          .causedBy(e);
    }
  }

  /**
   * Registers a spoke; empty direction and channel and a zero time stand for the hub's defaults.
   */
  public Spoke.Invitation addSpoke(
      String name, String direction, String spokeChannel, Duration tokenValidFor) {
    AddSpokeResponse added =
        call(
            "add spoke",
            () ->
                hub(CHANGE)
                    .addSpoke(
                        AddSpokeRequest.newBuilder()
                            .setName(name)
                            .setDirection(direction)
                            .setChannel(spokeChannel)
                            .setTtlSeconds(tokenValidFor.toSeconds())
                            .build()));
    return new Spoke.Invitation(
        added.getSpoke(), added.getToken(), added.getExpiresMicros(), added.getJoinCommand());
  }

  /** By name. */
  public List<Spoke> spokes() {
    return call(
            "list spokes", () -> hub(QUESTION).listSpokes(ListSpokesRequest.getDefaultInstance()))
        .getSpokesList()
        .stream()
        .map(HubClient::spoke)
        .toList();
  }

  public Spoke.Details spoke(String name) {
    return details(
        call(
            "show spoke",
            () -> hub(QUESTION).showSpoke(ShowSpokeRequest.newBuilder().setName(name).build())));
  }

  private static Spoke.Details details(SpokeDetail detail) {
    return new Spoke.Details(
        spoke(detail.getSummary()),
        detail.getChannel(),
        detail.getEpoch(),
        detail.getPaused(),
        detail.getEngineVersion(),
        detail.getCapture(),
        detail.getRetainedLogBytes(),
        detail.getClockOffsetMicros(),
        detail.getStartsAfter(),
        detail.getAssumeIdentical(),
        detail.getTablesList().stream()
            .map(
                t ->
                    new Spoke.Table(
                        t.getName(),
                        t.getColumns(),
                        t.getKeyList(),
                        t.getBeforeImages(),
                        t.getEmptyAtStart()))
            .toList(),
        detail.getTableProblemsList());
  }

  public void removeSpoke(String name) {
    call(
        "remove spoke",
        () -> hub(CHANGE).removeSpoke(RemoveSpokeRequest.newBuilder().setName(name).build()));
  }

  /** Returns when the pause is in force. */
  public Spoke pauseSpoke(String name) {
    return spoke(
        call(
            "pause spoke",
            () -> hub(CHANGE).pauseSpoke(PauseSpokeRequest.newBuilder().setName(name).build())));
  }

  public Spoke resumeSpoke(String name) {
    return spoke(
        call(
            "resume spoke",
            () -> hub(CHANGE).resumeSpoke(ResumeSpokeRequest.newBuilder().setName(name).build())));
  }

  /** A spoke that went back in time takes part again; gives it as it is now. */
  public Spoke.Details rejoinSpoke(String name) {
    return details(
        call(
            "rejoin spoke",
            () ->
                hub(CHANGE)
                    .rejoinSpoke(
                        RejoinSpokeRequest.newBuilder().setName(name).setCatchUp(true).build())));
  }

  /** Checks a plan against the tables of every connected spoke. */
  public PlanAnswer.Valid validatePlan(String text) {
    PlanVerdict verdict =
        call(
            "validate plan",
            () -> hub(CHANGE).validatePlan(ValidatePlanRequest.newBuilder().setText(text).build()));
    return new PlanAnswer.Valid(verdict.getWarningsList(), verdict.getNotActiveList());
  }

  public PlanAnswer.Applied applyPlan(String text, boolean assumeIdentical) {
    AppliedPlan applied =
        call(
            "apply plan",
            () ->
                hub(CHANGE)
                    .applyPlan(
                        ApplyPlanRequest.newBuilder()
                            .setText(text)
                            .setAssumeIdentical(assumeIdentical)
                            .build()));
    return new PlanAnswer.Applied(
        applied.getVersion(),
        applied.getPosition(),
        applied.getWarningsList(),
        applied.getNotActiveList());
  }

  public PlanAnswer.InForce plan() {
    ShownPlan shown =
        call("show plan", () -> hub(QUESTION).showPlan(ShowPlanRequest.getDefaultInstance()));
    return new PlanAnswer.InForce(
        shown.getVersion(),
        shown.getText(),
        shown.getPosition(),
        shown.getAppliedMicros(),
        shown.getNotActiveList());
  }

  public HubStatus status() {
    StatusReport report =
        call("status", () -> hub(QUESTION).status(StatusRequest.getDefaultInstance()));
    return new HubStatus(
        report.getStatus(),
        report.getHub(),
        report.getHeadPositionMap(),
        report.getPlanVersion(),
        report.getNotActiveList(),
        report.getSpokesList().stream().map(HubClient::spoke).toList(),
        report.getTablesList().stream()
            .map(
                t ->
                    new HubStatus.TableFlow(
                        t.getTable(), t.getStatus(), t.getLagMicros(), t.getRecords()))
            .toList(),
        new HubStatus.Throughput(
            report.getThroughput().getCurrent(),
            report.getThroughput().getAverage(),
            report.getThroughput().getPeak()),
        new HubStatus.LastDay(
            report.getLast24Hours().getRecordsSynced(),
            report.getLast24Hours().getErrors(),
            report.getLast24Hours().hasConflicts()
                ? OptionalLong.of(report.getLast24Hours().getConflicts())
                : OptionalLong.empty()),
        report.getNoticesList().stream()
            .map(n -> new HubStatus.Notice(n.getGravity(), n.getText(), n.getHint()))
            .toList());
  }

  /**
   * Waits until everything committed before now is everywhere.
   *
   * @param onProgress told what is lacking, now and then
   * @return how it ended
   */
  public Convergence awaitConvergence(Duration timeout, Consumer<Convergence> onProgress) {
    return call(
        "wait for convergence",
        () -> {
          Iterator<ConvergenceProgress> messages =
              hub(timeout.plus(GRACE))
                  .waitConverged(
                      WaitConvergedRequest.newBuilder()
                          .setTimeoutMillis(timeout.toMillis())
                          .build());
          while (messages.hasNext()) {
            ConvergenceProgress message = messages.next();
            Convergence progress =
                new Convergence(
                    message.getFinished(), message.getConverged(), message.getLackingList());
            if (progress.finished()) {
              return progress;
            }
            onProgress.accept(progress);
          }
          throw Fault.of(
                  FaultKind.INTERNAL, "wait for convergence", "the hub ended without an answer")
              .build();
        });
  }

  /**
   * Hands over the conflicts one by one, newest first; only what is in flight is in memory.
   *
   * @param limit at most so many; 0: all
   * @param before only older ones than this id; 0: the newest
   */
  public void conflicts(Conflict.Filter filter, long limit, long before, Consumer<Conflict> each) {
    ListConflictsRequest request =
        ListConflictsRequest.newBuilder()
            .setFilter(ConflictWire.filter(filter))
            .setLimit(limit)
            .setBefore(before)
            .build();
    call(
        "list conflicts",
        () -> {
          hub(LISTING)
              .listConflicts(request)
              .forEachRemaining(message -> each.accept(ConflictWire.conflict(message)));
          return true;
        });
  }

  /**
   * Counts conflicts.
   *
   * @param by what by: table, field, kind, strategy, state, spokes, day, hour
   */
  public List<Conflict.Count> countConflicts(Conflict.Filter filter, List<String> by) {
    CountConflictsRequest request =
        CountConflictsRequest.newBuilder()
            .setFilter(ConflictWire.filter(filter))
            .addAllBy(by)
            .build();
    return call("count conflicts", () -> hub(CHANGE).countConflicts(request)).getRowsList().stream()
        .map(row -> new Conflict.Count(row.getValuesList(), row.getConflicts(), row.getOpen()))
        .toList();
  }

  /** Settles recorded conflicts again with another plan's rules; nothing is written anywhere. */
  public PlanTrial.Summary tryPlan(
      String plan, Conflict.Filter filter, Consumer<PlanTrial.Difference> each) {
    TryPlanRequest request =
        TryPlanRequest.newBuilder().setPlan(plan).setFilter(ConflictWire.filter(filter)).build();
    return call(
        "try plan",
        () -> {
          Iterator<io.spokewire.proto.PlanTrial> messages = hub(LISTING).tryPlan(request);
          while (messages.hasNext()) {
            switch (ConflictWire.trial(messages.next())) {
              case PlanTrial.Difference difference -> each.accept(difference);
              case PlanTrial.Summary summary -> {
                return summary;
              }
            }
          }
          throw Fault.of(FaultKind.INTERNAL, "try plan", "the hub ended without an answer").build();
        });
  }

  /** Settles an open case; in force at every site to come when it returns. */
  public List<Ruling> decide(long id, Ruling.Choice choice, String reason) {
    DecideConflictRequest.Builder request =
        DecideConflictRequest.newBuilder().setId(id).setReason(reason);
    switch (choice) {
      case Ruling.Choice.Value c -> request.setValue(c.text());
      case Ruling.Choice.Null c -> request.setNull(true);
      case Ruling.Choice.Side c -> request.setSide(ConflictWire.side(c));
      case Ruling.Choice.Keep c -> request.setKeep(true);
    }
    return call(
        "decide conflict", () -> ConflictWire.rulings(hub(CHANGE).decideConflict(request.build())));
  }

  /**
   * Writes again what lost.
   *
   * @param side which side's value; empty: the one that lost
   */
  public List<Ruling> revert(List<Long> ids, Optional<Ruling.Choice.Side> side, String reason) {
    RevertConflictsRequest.Builder request =
        RevertConflictsRequest.newBuilder().addAllIds(ids).setReason(reason);
    side.ifPresent(s -> request.setSide(ConflictWire.side(s)));
    return call(
        "revert conflicts",
        () -> ConflictWire.rulings(hub(CHANGE).revertConflicts(request.build())));
  }

  public Conflict conflict(long id) {
    return ConflictWire.conflict(
        call(
            "show conflict",
            () -> hub(QUESTION).showConflict(ShowConflictRequest.newBuilder().setId(id).build())));
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private AdminGrpc.AdminBlockingStub hub(Duration answerWithin) {
    return AdminGrpc.newBlockingStub(channel)
        .withDeadlineAfter(answerWithin.toMillis(), TimeUnit.MILLISECONDS);
  }

  private <T> T call(String operation, Supplier<T> work) {
    try {
      return work.get();
    } catch (StatusRuntimeException e) {
      throw faults.of(operation, e);
    }
  }

  private static InputStream pem(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Spoke spoke(SpokeSummary s) {
    return new Spoke(
        s.getName(),
        s.getEngine(),
        s.getDirection(),
        s.getState(),
        s.getReason(),
        s.getLagMicros(),
        s.getAppliedPositionMap(),
        s.getOutboxPending(),
        s.getConnected(),
        s.getParked(),
        s.getFault(),
        s.getFaultHint());
  }
}
