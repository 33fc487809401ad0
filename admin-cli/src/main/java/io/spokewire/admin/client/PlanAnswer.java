package io.spokewire.admin.client;

import java.util.List;

/** What the hub says about plans. */
public sealed interface PlanAnswer {
  /** Parts that are accepted and not acted on yet. */
  List<String> notActive();

  /** A plan that can hold. */
  record Valid(List<String> warnings, List<String> notActive) implements PlanAnswer {
    public Valid {
      warnings = List.copyOf(warnings);
      notActive = List.copyOf(notActive);
    }
  }

  /** A plan that was put in force at a position of the log. */
  record Applied(int version, long position, List<String> warnings, List<String> notActive)
      implements PlanAnswer {
    public Applied {
      warnings = List.copyOf(warnings);
      notActive = List.copyOf(notActive);
    }
  }

  /** The plan in force; version 0 when there is none yet. */
  record InForce(
      int version, String text, long position, long appliedMicros, List<String> notActive)
      implements PlanAnswer {
    public InForce {
      notActive = List.copyOf(notActive);
    }
  }
}
