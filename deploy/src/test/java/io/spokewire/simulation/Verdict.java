package io.spokewire.simulation;

import io.spokewire.common.fault.Fault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What went wrong in one run; nothing, if all holds. */
final class Verdict {
  private final Trace trace;
  private final Map<String, List<String>> violations = new LinkedHashMap<>();

  Verdict(Trace trace) {
    this.trace = trace;
  }

  /** Something that must hold does not. */
  void violation(String kind, String what) {
    List<String> of = violations.computeIfAbsent(kind, k -> new ArrayList<>());
    if (of.size() < 5) {
      of.add(what);
      trace.note("VIOLATED", kind + ": " + what);
    }
  }

  void missed(String what) {
    violation("missed", what);
  }

  /** An agent's process ended by a fault. */
  void stopped(Site site, Fault fault) {
    if (!site.isGone()) {
      violation("agent", site.name() + " stops: " + fault.getMessage());
    }
  }

  boolean has(String kind) {
    return violations.containsKey(kind);
  }

  boolean isGood() {
    return violations.isEmpty();
  }

  Map<String, List<String>> violations() {
    return violations;
  }
}
