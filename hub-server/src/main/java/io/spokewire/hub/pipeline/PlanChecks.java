package io.spokewire.hub.pipeline;

import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.stream.PlanScope;
import io.spokewire.hub.stream.Session;
import io.spokewire.hub.stream.TableReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Questions to spokes what a plan would mean for their tables. Owned by the sequencing loop. */
final class PlanChecks {
  private final Map<Long, Check> open = new HashMap<>();
  private long lastId;

  /**
   * @param lines for people
   * @param reports of those that answered
   */
  record Answer(List<String> lines, Map<SpokeId, TableReport> reports) {
    Answer {
      lines = List.copyOf(lines);
      reports = Map.copyOf(reports);
    }
  }

  private static final class Check {
    private final Set<SpokeId> awaited = new HashSet<>();
    private final List<String> lines = new ArrayList<>();
    private final Map<SpokeId, TableReport> reports = new HashMap<>();
    private final CompletableFuture<Answer> answer;
    private final Function<Map<SpokeId, TableReport>, List<String>> together;

    private Check(
        CompletableFuture<Answer> answer,
        Function<Map<SpokeId, TableReport>, List<String>> together) {
      this.answer = answer;
      this.together = together;
    }
  }

  /**
   * Asks these sessions.
   *
   * @param lines what is known already
   * @param together what all answers together say
   */
  void begin(
      PlanScope scope,
      List<Session> sessions,
      List<String> lines,
      Function<Map<SpokeId, TableReport>, List<String>> together,
      CompletableFuture<Answer> answer) {
    open.values().removeIf(check -> check.answer.isDone()); // nobody waits any more
    Check check = new Check(answer, together);
    check.lines.addAll(lines);
    long id = ++lastId;
    open.put(id, check);
    for (Session session : sessions) {
      check.awaited.add(session.spoke());
      session.checkPlan(id, scope);
    }
    finish(id, check);
  }

  void answered(long id, SpokeId spoke, TableReport report) {
    Check check = open.get(id);
    if (check != null && check.awaited.remove(spoke)) {
      check.reports.put(spoke, report);
      report.problems().forEach(p -> check.lines.add(spoke + ": " + p.line()));
      finish(id, check);
    }
  }

  void gone(SpokeId spoke) {
    List.copyOf(open.entrySet())
        .forEach(
            e -> {
              if (e.getValue().awaited.remove(spoke)) {
                e.getValue().lines.add(spoke + ": went away before it answered");
                finish(e.getKey(), e.getValue());
              }
            });
  }

  private void finish(long id, Check check) {
    if (check.awaited.isEmpty()) {
      open.remove(id);
      check.lines.addAll(check.together.apply(check.reports));
      check.answer.complete(new Answer(check.lines, check.reports));
    }
  }
}
