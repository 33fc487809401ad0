package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.PlanAnswer;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Human;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.Report;
import java.util.List;

/** What the hub says about a plan. */
record PlanReport(PlanAnswer answer) implements Report {
  @Override
  public String table() {
    return switch (answer) {
      case PlanAnswer.Valid valid ->
          "✓ The plan is valid.\n" + lines("Warning", valid.warnings()) + notActive();
      case PlanAnswer.Applied applied ->
          "✓ Plan version "
              + applied.version()
              + " is in force from position "
              + applied.position()
              + ".\n"
              + lines("Warning", applied.warnings())
              + notActive();
      case PlanAnswer.InForce plan when plan.version() == 0 ->
          "No plan yet. Write one and put it in force: syncadm plan apply -f FILE\n";
      case PlanAnswer.InForce plan ->
          "# version "
              + plan.version()
              + ", in force from position "
              + plan.position()
              + " since "
              + Human.time(plan.appliedMicros())
              + "\n"
              + plan.text()
              + (plan.text().endsWith("\n") ? "" : "\n")
              + lines("# Not active", plan.notActive());
    };
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object();
    switch (answer) {
      case PlanAnswer.Valid valid -> {
        node.put("valid", true);
        node.set("warnings", Json.texts(valid.warnings()));
      }
      case PlanAnswer.Applied applied -> {
        node.put("version", applied.version()).put("position", applied.position());
        node.set("warnings", Json.texts(applied.warnings()));
      }
      case PlanAnswer.InForce plan -> {
        node.put("version", plan.version()).put("position", plan.position());
        node.put("applied_at", plan.version() == 0 ? null : Human.iso(plan.appliedMicros()));
        node.put("text", plan.text());
      }
    }
    node.set("not_active", Json.texts(answer.notActive()));
    return node;
  }

  @Override
  public Csv csv() {
    String notActive = String.join("; ", answer.notActive());
    return switch (answer) {
      case PlanAnswer.Valid valid ->
          new Csv("valid", "warnings", "not_active")
              .row("true", String.join("; ", valid.warnings()), notActive);
      case PlanAnswer.Applied applied ->
          new Csv("version", "position", "warnings", "not_active")
              .row(
                  Integer.toString(applied.version()),
                  Long.toString(applied.position()),
                  String.join("; ", applied.warnings()),
                  notActive);
      case PlanAnswer.InForce plan ->
          new Csv("version", "position", "applied_at", "text", "not_active")
              .row(
                  Integer.toString(plan.version()),
                  Long.toString(plan.position()),
                  plan.version() == 0 ? "" : Human.iso(plan.appliedMicros()),
                  plan.text(),
                  notActive);
    };
  }

  private String notActive() {
    return lines("Not active", answer.notActive());
  }

  private static String lines(String name, List<String> texts) {
    StringBuilder lines = new StringBuilder();
    texts.forEach(text -> lines.append(name).append(": ").append(text).append('\n'));
    return lines.toString();
  }
}
