package io.spokewire.hub.admin;

import io.spokewire.hub.topology.HubControl;
import io.spokewire.hub.topology.Topology;
import io.spokewire.hub.topology.Topology.PlanRecord;
import io.spokewire.proto.AppliedPlan;
import io.spokewire.proto.PlanVerdict;
import io.spokewire.proto.ShownPlan;
import java.util.List;

/** What an operator can do with the plan. Safe from any thread. */
public final class PlanDesk {
  private final Topology topology;
  private final HubControl control;
  private final PlanReader reader;

  public PlanDesk(Topology topology, HubControl control, PlanReader reader) {
    this.topology = topology;
    this.control = control;
    this.reader = reader;
  }

  /** Checks the text by itself, then against the tables of every connected spoke. */
  PlanVerdict validate(String text) {
    List<String> notActive = reader.notActive(text);
    return PlanVerdict.newBuilder()
        .addAllWarnings(control.checkPlan(text))
        .addAllNotActive(notActive)
        .build();
  }

  /** Checks it likewise and puts it in force, or changes nothing. */
  AppliedPlan apply(String text, boolean assumeIdentical) {
    PlanVerdict verdict = validate(text);
    PlanRecord applied = control.applyPlan(text, assumeIdentical);
    return AppliedPlan.newBuilder()
        .setVersion(applied.version().number())
        .setPosition(applied.position())
        .addAllWarnings(verdict.getWarningsList())
        .addAllNotActive(verdict.getNotActiveList())
        .build();
  }

  /** The plan in force; version 0 before the first. */
  ShownPlan show() {
    return topology
        .plan()
        .map(
            plan ->
                ShownPlan.newBuilder()
                    .setVersion(plan.version().number())
                    .setText(plan.text())
                    .setPosition(plan.position())
                    .setAppliedMicros(plan.appliedMicros())
                    .addAllNotActive(reader.notActive(plan.text()))
                    .build())
        .orElseGet(ShownPlan::getDefaultInstance);
  }
}
