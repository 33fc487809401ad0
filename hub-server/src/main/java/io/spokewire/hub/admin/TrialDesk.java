package io.spokewire.hub.admin;

import io.spokewire.hub.audit.AuditedConflict;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.Retried;
import io.spokewire.proto.ConflictDifference;
import io.spokewire.proto.NotTried;
import io.spokewire.proto.PlanTrial;
import io.spokewire.proto.PlanVerdict;
import io.spokewire.proto.TrialSummary;
import io.spokewire.proto.TryPlanRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What another plan would have made of the conflicts there were. Safe from any thread. */
public final class TrialDesk {
  private final ConflictDesk conflicts;
  private final PlanDesk plans;
  private final Trial.Court court;

  public TrialDesk(ConflictDesk conflicts, PlanDesk plans, Trial.Court court) {
    this.conflicts = conflicts;
    this.plans = plans;
    this.court = court;
  }

  /** Begins; a plan that would be refused is refused here as it would be there. */
  Session begin(TryPlanRequest request) {
    PlanVerdict verdict = plans.validate(request.getPlan());
    return new Session(
        court.under(request.getPlan()),
        conflicts.walk(ConflictDesk.filter("try plan", request.getFilter())),
        verdict);
  }

  /** One trial, conflict by conflict. Owned by one call. */
  static final class Session {
    private final Trial trial;
    private final ConflictDesk.Walk walk;
    private final PlanVerdict verdict;
    private final Map<String, Long> notTried = new LinkedHashMap<>();
    private long same;
    private long different;
    private boolean summed;

    private Session(Trial trial, ConflictDesk.Walk walk, PlanVerdict verdict) {
      this.trial = trial;
      this.walk = walk;
      this.verdict = verdict;
    }

    /** The next difference, then the summary; empty after it. */
    Optional<PlanTrial> next() {
      Optional<AuditedConflict> next = walk.next();
      while (next.isPresent()) {
        Optional<ConflictDifference> difference = tryAgain(next.get());
        if (difference.isPresent()) {
          return difference.map(d -> PlanTrial.newBuilder().setDifference(d).build());
        }
        next = walk.next();
      }
      if (summed) {
        return Optional.empty();
      }
      summed = true;
      return Optional.of(PlanTrial.newBuilder().setSummary(summary()).build());
    }

    private Optional<ConflictDifference> tryAgain(AuditedConflict conflict) {
      return switch (trial.of(conflict.record())) {
        case Retried.Unknown unknown -> {
          notTried.merge(unknown.why(), 1L, Long::sum);
          yield Optional.empty();
        }
        case Retried.Settled settled -> {
          FieldImage before = conflict.record().result();
          if (settled.result().value().equals(before.value())) {
            same++;
            yield Optional.empty();
          }
          different++;
          yield Optional.of(
              ConflictDifference.newBuilder()
                  .setConflict(ConflictMessages.of(conflict))
                  .setResult(ConflictMessages.value(trial.shown(conflict.record(), settled)))
                  .setResolution(settled.rule())
                  .build());
        }
      };
    }

    private TrialSummary summary() {
      TrialSummary.Builder summary =
          TrialSummary.newBuilder()
              .setTried(same + different)
              .setSame(same)
              .setDifferent(different)
              .addAllWarnings(verdict.getWarningsList())
              .addAllNotActive(verdict.getNotActiveList());
      notTried.entrySet().stream()
          .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
          .forEach(
              e ->
                  summary.addNotTried(
                      NotTried.newBuilder().setReason(e.getKey()).setConflicts(e.getValue())));
      return summary.build();
    }
  }
}
