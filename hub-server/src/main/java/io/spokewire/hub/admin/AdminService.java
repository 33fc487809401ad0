package io.spokewire.hub.admin;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.proto.AddSpokeRequest;
import io.spokewire.proto.AddSpokeResponse;
import io.spokewire.proto.AdminGrpc;
import io.spokewire.proto.AppliedPlan;
import io.spokewire.proto.ApplyPlanRequest;
import io.spokewire.proto.Conflict;
import io.spokewire.proto.ConflictCounts;
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
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code syncadm} calls. Each call first learns from {@link AdminAccess} who asks, and is
 * refused before anything is done if that is no administrator. A {@link Fault} becomes a gRPC
 * status with the whole fault in a trailer.
 *
 * <p>Threading: calls run on the server's executor and may block it, {@code WaitConverged} for as
 * long as its timeout; give the server an executor that does not mind (virtual threads).
 */
public final class AdminService extends AdminGrpc.AdminImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(AdminService.class);

  private final AdminAccess access;
  private final TopologyDesk topology;
  private final PlanDesk plan;
  private final StatusDesk status;
  private final ConvergenceDesk convergence;
  private final ConflictDesk conflicts;
  private final TrialDesk trials;
  private final RulingDesk rulings;

  public AdminService(
      AdminAccess access,
      TopologyDesk topology,
      PlanDesk plan,
      StatusDesk status,
      ConvergenceDesk convergence,
      ConflictDesk conflicts,
      TrialDesk trials,
      RulingDesk rulings) {
    this.access = access;
    this.topology = topology;
    this.plan = plan;
    this.status = status;
    this.convergence = convergence;
    this.conflicts = conflicts;
    this.trials = trials;
    this.rulings = rulings;
  }

  @Override
  public void addSpoke(AddSpokeRequest request, StreamObserver<AddSpokeResponse> reply) {
    change(reply, "add spoke " + request.getName(), () -> topology.add(request));
  }

  @Override
  public void listSpokes(ListSpokesRequest request, StreamObserver<ListSpokesResponse> reply) {
    answer(
        reply,
        "list spokes",
        () -> ListSpokesResponse.newBuilder().addAllSpokes(topology.list()).build());
  }

  @Override
  public void showSpoke(ShowSpokeRequest request, StreamObserver<SpokeDetail> reply) {
    answer(reply, "show spoke", () -> topology.show(request.getName()));
  }

  @Override
  public void removeSpoke(RemoveSpokeRequest request, StreamObserver<RemoveSpokeResponse> reply) {
    change(
        reply,
        "remove spoke " + request.getName(),
        () -> {
          topology.remove(request.getName());
          return RemoveSpokeResponse.getDefaultInstance();
        });
  }

  @Override
  public void pauseSpoke(PauseSpokeRequest request, StreamObserver<SpokeSummary> reply) {
    change(reply, "pause spoke " + request.getName(), () -> topology.pause(request.getName()));
  }

  @Override
  public void resumeSpoke(ResumeSpokeRequest request, StreamObserver<SpokeSummary> reply) {
    change(reply, "resume spoke " + request.getName(), () -> topology.resume(request.getName()));
  }

  @Override
  public void rejoinSpoke(RejoinSpokeRequest request, StreamObserver<SpokeDetail> reply) {
    change(reply, "rejoin spoke " + request.getName(), () -> topology.rejoin(request));
  }

  @Override
  public void validatePlan(ValidatePlanRequest request, StreamObserver<PlanVerdict> reply) {
    answer(reply, "validate plan", () -> plan.validate(request.getText()));
  }

  @Override
  public void applyPlan(ApplyPlanRequest request, StreamObserver<AppliedPlan> reply) {
    change(reply, "apply plan", () -> plan.apply(request.getText(), request.getAssumeIdentical()));
  }

  @Override
  public void showPlan(ShowPlanRequest request, StreamObserver<ShownPlan> reply) {
    answer(reply, "show plan", plan::show);
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusReport> reply) {
    answer(reply, "status", status::report);
  }

  @Override
  public void waitConverged(
      WaitConvergedRequest request, StreamObserver<ConvergenceProgress> reply) {
    ServerCallStreamObserver<ConvergenceProgress> call = streaming(reply);
    attempt(
        reply,
        "wait for convergence",
        () -> {
          access.caller();
          convergence.await(
              Duration.ofMillis(request.getTimeoutMillis()), call::isCancelled, reply::onNext);
          if (!call.isCancelled()) {
            reply.onCompleted();
          }
        });
  }

  @Override
  public void listConflicts(ListConflictsRequest request, StreamObserver<Conflict> reply) {
    ServerCallStreamObserver<Conflict> call = streaming(reply);
    attempt(
        reply,
        "list conflicts",
        () -> {
          access.caller();
          ConflictDesk.Listing listing = conflicts.list(request);
          call.setOnReadyHandler(
              () -> attempt(reply, "list conflicts", () -> sendWhileReady(listing::next, call)));
        });
  }

  @Override
  public void showConflict(ShowConflictRequest request, StreamObserver<Conflict> reply) {
    answer(reply, "show conflict", () -> conflicts.show(request.getId()));
  }

  @Override
  public void countConflicts(CountConflictsRequest request, StreamObserver<ConflictCounts> reply) {
    answer(reply, "count conflicts", () -> conflicts.count(request));
  }

  @Override
  public void decideConflict(DecideConflictRequest request, StreamObserver<RuledConflicts> reply) {
    change(
        reply,
        "decide conflict " + request.getId(),
        () -> rulings.decide(request, access.caller()));
  }

  @Override
  public void revertConflicts(
      RevertConflictsRequest request, StreamObserver<RuledConflicts> reply) {
    change(
        reply,
        "revert conflicts " + request.getIdsList(),
        () -> rulings.revert(request, access.caller()));
  }

  @Override
  public void tryPlan(TryPlanRequest request, StreamObserver<PlanTrial> reply) {
    ServerCallStreamObserver<PlanTrial> call = streaming(reply);
    attempt(
        reply,
        "try plan",
        () -> {
          access.caller();
          TrialDesk.Session trial = trials.begin(request);
          call.setOnReadyHandler(
              () -> attempt(reply, "try plan", () -> sendWhileReady(trial::next, call)));
        });
  }

  /** The caller's pace bounds what waits in memory: gRPC calls again when there is room. */
  private static <T> void sendWhileReady(
      Supplier<Optional<T>> messages, ServerCallStreamObserver<T> call) {
    while (call.isReady() && !call.isCancelled()) {
      Optional<T> next = messages.get();
      if (next.isEmpty()) {
        call.onCompleted();
        return;
      }
      call.onNext(next.get());
    }
  }

  /** A caller that goes away is no failure of ours: sending to it must not throw. */
  private static <T> ServerCallStreamObserver<T> streaming(StreamObserver<T> reply) {
    ServerCallStreamObserver<T> call = (ServerCallStreamObserver<T>) reply;
    call.setOnCancelHandler(() -> {});
    return call;
  }

  private <T> void change(StreamObserver<T> reply, String operation, Callable<T> work) {
    attempt(
        reply,
        operation,
        () -> {
          String caller = access.caller();
          T result = work.call();
          LOG.info("{}: done for {}", operation, caller);
          reply.onNext(result);
          reply.onCompleted();
        });
  }

  private <T> void answer(StreamObserver<T> reply, String operation, Callable<T> work) {
    attempt(
        reply,
        operation,
        () -> {
          access.caller();
          reply.onNext(work.call());
          reply.onCompleted();
        });
  }

  private static void attempt(StreamObserver<?> reply, String operation, Work work) {
    try {
      work.run();
    } catch (Fault fault) {
      LOG.debug("{}: {}", operation, fault.getMessage(), fault);
      reply.onError(FaultStatus.of(fault));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reply.onError(
          FaultStatus.of(
              Fault.of(FaultKind.UNREACHABLE, operation, "the hub is stopping")
                  .healsByItself()
                  .build()));
    } catch (Exception e) {
      LOG.error("{}: unexpected failure", operation, e);
      reply.onError(
          FaultStatus.of(
              Fault.of(FaultKind.INTERNAL, operation, String.valueOf(e))
                  .hint("the hub's log has the details")
                  .build()));
    }
  }

  /** One call's work. */
  private interface Work {
    void run() throws Exception;
  }
}
