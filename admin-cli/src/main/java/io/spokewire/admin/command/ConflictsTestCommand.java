package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.client.PlanTrial;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syncadm conflicts test}. */
@Command(
    name = "test",
    description = {
      "What another plan would have made of the conflicts there were. Settles each again by itself",
      "with that plan's rules, and shows those that would have ended otherwise. Changes nothing."
    },
    footer = {
      "",
      "Examples:",
      "  syncadm conflicts test --plan new.yaml --since 7d",
      "  syncadm conflicts test --plan new.yaml --table orders -o csv"
    })
public final class ConflictsTestCommand implements Callable<Integer> {
  private static final int SHOWN_TO_PEOPLE = 100;

  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Mixin private ConflictFilterOptions which = new ConflictFilterOptions();

  @Option(
      names = {"--plan", "-f"},
      required = true,
      paramLabel = "FILE",
      description = "The plan to try. It is not put in force.")
  private Path plan = Path.of("");

  public ConflictsTestCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    PlanFile file = PlanFile.read(plan);
    try (HubClient hub = door.open(options)) {
      switch (options.output()) {
        case TABLE -> asTable(hub, file.text());
        case JSON -> asJson(hub, file.text());
        case CSV -> asCsv(hub, file.text());
      }
    }
    return 0;
  }

  private void asTable(HubClient hub, String text) {
    List<PlanTrial.Difference> shown = new ArrayList<>();
    PlanTrial.Summary summary =
        hub.tryPlan(
            text,
            which.filter(),
            difference -> {
              if (shown.size() < SHOWN_TO_PEOPLE) {
                shown.add(difference);
              }
            });
    if (!shown.isEmpty()) {
      Table table = new Table("Id", "Row", "Field", "Result", "Rule", "Would be", "By");
      for (PlanTrial.Difference d : shown) {
        ConflictReport report = new ConflictReport(d.conflict());
        table.row(
            Long.toString(d.conflict().id()),
            report.row(),
            report.fieldName(),
            report.shown(d.conflict().result()),
            d.conflict().resolution(),
            report.shown(d.result()),
            d.resolution());
      }
      terminal.print(table.render());
    }
    if (summary.different() > shown.size()) {
      terminal.note("only the latest are shown: -o json or -o csv has all");
    }
    terminal.print(inWords(summary));
  }

  private static String inWords(PlanTrial.Summary summary) {
    StringBuilder text = new StringBuilder();
    text.append(summary.different())
        .append(" of ")
        .append(summary.tried())
        .append(" conflicts would have ended otherwise.\n");
    summary
        .notTried()
        .forEach(
            (reason, conflicts) ->
                text.append("Not tried: ")
                    .append(conflicts)
                    .append(": ")
                    .append(Table.printable(reason))
                    .append('\n'));
    summary.warnings().forEach(w -> text.append("Warning: ").append(w).append('\n'));
    summary.notActive().forEach(n -> text.append("Not active: ").append(n).append('\n'));
    return text.toString();
  }

  /** One object; its differences are written as they come. */
  private void asJson(HubClient hub, String text) {
    AtomicLong written = new AtomicLong();
    terminal.out().print("{\n  \"differences\": [");
    PlanTrial.Summary summary =
        hub.tryPlan(
            text,
            which.filter(),
            difference -> {
              terminal.out().print(written.getAndIncrement() == 0 ? "\n" : ",\n");
              terminal.out().print("    " + Json.compact(json(difference)));
            });
    ArrayNode notTried = Json.array();
    summary
        .notTried()
        .forEach(
            (reason, conflicts) ->
                notTried.add(Json.object().put("reason", reason).put("conflicts", conflicts)));
    terminal.out().print(written.get() == 0 ? "],\n" : "\n  ],\n");
    terminal.out().print("  \"tried\": " + summary.tried() + ",\n");
    terminal.out().print("  \"same\": " + summary.same() + ",\n");
    terminal.out().print("  \"different\": " + summary.different() + ",\n");
    terminal.out().print("  \"not_tried\": " + Json.compact(notTried) + ",\n");
    terminal.out().print("  \"warnings\": " + Json.compact(Json.texts(summary.warnings())) + ",\n");
    terminal
        .out()
        .print("  \"not_active\": " + Json.compact(Json.texts(summary.notActive())) + "\n}\n");
    terminal.out().flush();
  }

  private static ObjectNode json(PlanTrial.Difference d) {
    ConflictReport report = new ConflictReport(d.conflict());
    ObjectNode node = Json.object().put("id", d.conflict().id()).put("table", d.conflict().table());
    node.set("key", report.key());
    node.put("field", d.conflict().field());
    node.set("result", report.value(d.conflict().result()));
    node.put("resolution", d.conflict().resolution());
    node.set("result_then", report.value(d.result()));
    return node.put("resolution_then", d.resolution());
  }

  private void asCsv(HubClient hub, String text) {
    terminal
        .out()
        .print(
            Csv.line(
                "id",
                "table",
                "key",
                "field",
                "result",
                "resolution",
                "result_then",
                "resolution_then"));
    PlanTrial.Summary summary =
        hub.tryPlan(
            text,
            which.filter(),
            d ->
                terminal
                    .out()
                    .print(
                        Csv.line(
                            Long.toString(d.conflict().id()),
                            d.conflict().table(),
                            d.conflict().key(),
                            d.conflict().field(),
                            d.conflict().result().text().orElse(""),
                            d.conflict().resolution(),
                            d.result().text().orElse(""),
                            d.resolution())));
    terminal.out().flush();
    inWords(summary).lines().forEach(terminal::note);
  }
}
