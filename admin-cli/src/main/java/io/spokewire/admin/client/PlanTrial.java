package io.spokewire.admin.client;

import java.util.List;
import java.util.Map;

/** What another plan would have made of the conflicts there were. */
public sealed interface PlanTrial {
  /**
   * A conflict that would have ended otherwise.
   *
   * @param conflict as it was settled
   * @param result what the plan would have made of it
   * @param resolution the strategy that would have decided
   */
  record Difference(Conflict conflict, Conflict.Value result, String resolution)
      implements PlanTrial {}

  /**
   * The end.
   *
   * @param notTried why some could not be tried, and how many
   * @param warnings of the plan, as its validation has them
   */
  record Summary(
      long tried,
      long same,
      long different,
      Map<String, Long> notTried,
      List<String> warnings,
      List<String> notActive)
      implements PlanTrial {
    public Summary {
      warnings = List.copyOf(warnings);
      notActive = List.copyOf(notActive);
    }
  }
}
