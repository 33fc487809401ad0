package io.spokewire.admin.command;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.wire.FaultWire;
import io.spokewire.proto.AddSpokeRequest;
import io.spokewire.proto.AddSpokeResponse;
import io.spokewire.proto.AdminGrpc;
import io.spokewire.proto.AppliedPlan;
import io.spokewire.proto.ApplyPlanRequest;
import io.spokewire.proto.Conflict;
import io.spokewire.proto.ConflictCounts;
import io.spokewire.proto.ConflictValue;
import io.spokewire.proto.ConvergenceProgress;
import io.spokewire.proto.CountConflictsRequest;
import io.spokewire.proto.DecideConflictRequest;
import io.spokewire.proto.ListConflictsRequest;
import io.spokewire.proto.ListSpokesRequest;
import io.spokewire.proto.ListSpokesResponse;
import io.spokewire.proto.PauseSpokeRequest;
import io.spokewire.proto.PlanTrial;
import io.spokewire.proto.PlanVerdict;
import io.spokewire.proto.RejoinSpokeRequest;
import io.spokewire.proto.RemoveSpokeRequest;
import io.spokewire.proto.RemoveSpokeResponse;
import io.spokewire.proto.ResumeSpokeRequest;
import io.spokewire.proto.RevertConflictsRequest;
import io.spokewire.proto.RuledConflict;
import io.spokewire.proto.RuledConflicts;
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
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A hub on a loopback port that answers what a test put in and remembers what it was asked. */
final class FakeHub extends AdminGrpc.AdminImplBase implements AutoCloseable {
  final List<Object> asked = new ArrayList<>();
  final List<SpokeSummary> spokes = new ArrayList<>();
  final List<Conflict> conflicts = new ArrayList<>();
  final List<PlanTrial> trial = new ArrayList<>();
  ConflictCounts counts = ConflictCounts.getDefaultInstance();
  final List<ConvergenceProgress> progress = new ArrayList<>();
  SpokeDetail detail = SpokeDetail.getDefaultInstance();
  StatusReport status = StatusReport.getDefaultInstance();
  ShownPlan plan = ShownPlan.getDefaultInstance();
  PlanVerdict verdict = PlanVerdict.getDefaultInstance();
  Fault fault;
  Status rawStatus;

  private final Server server;
  private final int port;

  FakeHub() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .directExecutor()
            .addService(this)
            .build()
            .start();
    port = server.getPort();
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  @Override
  public void addSpoke(AddSpokeRequest request, StreamObserver<AddSpokeResponse> reply) {
    answer(
        request,
        reply,
        AddSpokeResponse.newBuilder()
            .setSpoke(request.getName())
            .setToken("swt-123")
            .setExpiresMicros(1_705_314_600_000_000L)
            .setJoinCommand(
                "spoke-agent join --hub h:7400 --token swt-123 --data-dir D --database"
                    + " 'jdbc:postgresql://HOST:5432/DATABASE' --user USER --credentials file:F")
            .build());
  }

  @Override
  public void listSpokes(ListSpokesRequest request, StreamObserver<ListSpokesResponse> reply) {
    answer(request, reply, ListSpokesResponse.newBuilder().addAllSpokes(spokes).build());
  }

  @Override
  public void showSpoke(ShowSpokeRequest request, StreamObserver<SpokeDetail> reply) {
    answer(request, reply, detail);
  }

  @Override
  public void removeSpoke(RemoveSpokeRequest request, StreamObserver<RemoveSpokeResponse> reply) {
    answer(request, reply, RemoveSpokeResponse.getDefaultInstance());
  }

  @Override
  public void pauseSpoke(PauseSpokeRequest request, StreamObserver<SpokeSummary> reply) {
    answer(request, reply, spoke(request.getName(), "paused"));
  }

  @Override
  public void resumeSpoke(ResumeSpokeRequest request, StreamObserver<SpokeSummary> reply) {
    answer(request, reply, spoke(request.getName(), "live"));
  }

  @Override
  public void rejoinSpoke(RejoinSpokeRequest request, StreamObserver<SpokeDetail> reply) {
    answer(
        request,
        reply,
        SpokeDetail.newBuilder()
            .setSummary(spoke(request.getName(), "live"))
            .setEpoch(2)
            .setStartsAfter(17)
            .build());
  }

  @Override
  public void validatePlan(ValidatePlanRequest request, StreamObserver<PlanVerdict> reply) {
    answer(request, reply, verdict);
  }

  @Override
  public void applyPlan(ApplyPlanRequest request, StreamObserver<AppliedPlan> reply) {
    answer(
        request,
        reply,
        AppliedPlan.newBuilder()
            .setVersion(3)
            .setPosition(12)
            .addAllWarnings(verdict.getWarningsList())
            .addAllNotActive(verdict.getNotActiveList())
            .build());
  }

  @Override
  public void showPlan(ShowPlanRequest request, StreamObserver<ShownPlan> reply) {
    answer(request, reply, plan);
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusReport> reply) {
    answer(request, reply, status);
  }

  @Override
  public void waitConverged(
      WaitConvergedRequest request, StreamObserver<ConvergenceProgress> reply) {
    asked.add(request);
    if (!failed(reply)) {
      progress.forEach(reply::onNext);
      reply.onCompleted();
    }
  }

  @Override
  public void listConflicts(ListConflictsRequest request, StreamObserver<Conflict> reply) {
    asked.add(request);
    if (!failed(reply)) {
      conflicts.stream()
          .limit(request.getLimit() == 0 ? Long.MAX_VALUE : request.getLimit())
          .forEach(reply::onNext);
      reply.onCompleted();
    }
  }

  @Override
  public void showConflict(ShowConflictRequest request, StreamObserver<Conflict> reply) {
    answer(request, reply, conflicts.getFirst());
  }

  @Override
  public void decideConflict(DecideConflictRequest request, StreamObserver<RuledConflicts> reply) {
    answer(request, reply, ruled(request.getId(), !request.getKeep()));
  }

  @Override
  public void revertConflicts(
      RevertConflictsRequest request, StreamObserver<RuledConflicts> reply) {
    answer(request, reply, ruled(request.getIds(0), true));
  }

  private static RuledConflicts ruled(long id, boolean written) {
    return RuledConflicts.newBuilder()
        .addConflicts(
            RuledConflict.newBuilder()
                .setId(id)
                .setTable("orders")
                .setKey("{\"id\": 7}")
                .setField("status")
                .setValue(ConflictValue.newBuilder().setText("paid"))
                .setWritten(written))
        .build();
  }

  @Override
  public void countConflicts(CountConflictsRequest request, StreamObserver<ConflictCounts> reply) {
    answer(request, reply, counts);
  }

  @Override
  public void tryPlan(TryPlanRequest request, StreamObserver<PlanTrial> reply) {
    asked.add(request);
    if (!failed(reply)) {
      trial.forEach(reply::onNext);
      reply.onCompleted();
    }
  }

  static SpokeSummary spoke(String name, String state) {
    return SpokeSummary.newBuilder()
        .setName(name)
        .setEngine("postgresql")
        .setDirection("both")
        .setState(state)
        .setLagMicros(2_500_000)
        .putAppliedPosition("main", 12)
        .setOutboxPending(3)
        .setConnected(true)
        .build();
  }

  private <T> void answer(Object request, StreamObserver<T> reply, T answer) {
    asked.add(request);
    if (!failed(reply)) {
      reply.onNext(answer);
      reply.onCompleted();
    }
  }

  private boolean failed(StreamObserver<?> reply) {
    if (fault != null) {
      Metadata trailers = new Metadata();
      trailers.put(
          Metadata.Key.of(FaultWire.TRAILER, Metadata.BINARY_BYTE_MARSHALLER),
          FaultWire.toBytes(fault));
      Status status =
          fault.kind() == FaultKind.REFUSED ? Status.PERMISSION_DENIED : Status.INVALID_ARGUMENT;
      reply.onError(status.asRuntimeException(trailers));
      return true;
    }
    if (rawStatus != null) {
      reply.onError(rawStatus.asRuntimeException());
      return true;
    }
    return false;
  }
}
