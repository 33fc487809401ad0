package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.HubStatus;
import io.spokewire.admin.client.Spoke;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Human;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.Report;
import io.spokewire.admin.output.Table;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** The dashboard. */
record StatusReport(HubStatus status) implements Report {
  @Override
  public String table() {
    StringBuilder text = new StringBuilder();
    text.append("DATABASE SYNC STATUS\n").repeat('═', 39).append('\n');
    text.append("OVERALL STATUS: ").append(overall()).append("\n\n");
    parties(text);
    text.append("MODE: Incremental CDC\n");
    text.append("PLAN: ")
        .append(status.planVersion() == 0 ? "none yet" : "version " + status.planVersion())
        .append('\n');
    if (!status.notices().isEmpty()) {
      text.append("\nNOTICES:\n");
      status.notices().forEach(notice -> text.append("  ").append(line(notice)).append('\n'));
    }
    if (!status.spokes().isEmpty()) {
      text.append("\nSITES:\n").append(SpokesReport.grid(status.spokes()).render());
      text.append(SpokesReport.notes(status.spokes()));
    }
    if (!status.tables().isEmpty()) {
      text.append("\nTABLES:\n").append(tables().render());
    }
    text.append("\nTHROUGHPUT:\n");
    rate(text, "Current", status.throughput().current());
    rate(text, "Average", status.throughput().average());
    rate(text, "Peak", status.throughput().peak());
    text.append("\nLAST 24 HOURS:\n");
    count(text, "Records Synced", status.lastDay().recordsSynced());
    count(text, "Errors", status.lastDay().errors());
    status
        .lastDay()
        .conflicts()
        .ifPresentOrElse(
            conflicts -> count(text, "Conflicts", conflicts),
            () -> text.append("  Conflicts: not known now\n"));
    if (!status.notActive().isEmpty()) {
      text.append("\nNOT ACTIVE:\n");
      status
          .notActive()
          .forEach(part -> text.append("  ").append(Table.printable(part)).append('\n'));
    }
    return text.toString();
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object().put("status", status.status()).put("hub", status.hub());
    node.set("position", Json.numbers(status.head()));
    node.put("plan_version", status.planVersion());
    node.set("not_active", Json.texts(status.notActive()));
    node.set("spokes", new SpokesReport(status.spokes()).json());
    ArrayNode tables = node.putArray("tables");
    for (HubStatus.TableFlow table : status.tables()) {
      tables
          .addObject()
          .put("table", table.table())
          .put("status", table.status())
          .put("lag_seconds", Json.seconds(table.lagMicros()))
          .put("records", table.records());
    }
    node.putObject("throughput")
        .put("current", rounded(status.throughput().current()))
        .put("average", rounded(status.throughput().average()))
        .put("peak", rounded(status.throughput().peak()));
    node.putObject("last_24_hours")
        .put("records_synced", status.lastDay().recordsSynced())
        .put("errors", status.lastDay().errors())
        .put(
            "conflicts",
            status.lastDay().conflicts().isPresent()
                ? (Long) status.lastDay().conflicts().getAsLong()
                : null);
    ArrayNode notices = node.putArray("notices");
    for (HubStatus.Notice notice : status.notices()) {
      notices
          .addObject()
          .put("gravity", notice.gravity())
          .put("text", notice.text())
          .put("hint", notice.hint());
    }
    return node;
  }

  /** The tables; what concerns all of them repeats in each line. */
  @Override
  public Csv csv() {
    Csv csv = new Csv("overall_status", "table", "status", "lag_seconds", "records");
    for (HubStatus.TableFlow table : status.tables()) {
      csv.row(
          status.status(),
          table.table(),
          table.status(),
          Json.seconds(table.lagMicros()).toPlainString(),
          Long.toString(table.records()));
    }
    return csv;
  }

  private static String line(HubStatus.Notice notice) {
    String mark = notice.gravity().equals("blocking") ? "✗ " : "⚠ ";
    String hint = notice.hint().isEmpty() ? "" : " (" + notice.hint() + ")";
    return mark + Table.printable(notice.text() + hint);
  }

  private String overall() {
    return switch (status.status()) {
      case "healthy" -> "✓ Healthy";
      case "critical" -> "✗ Critical";
      default -> "⚠ " + Human.words(status.status());
    };
  }

  /** Sources and targets by name where the flow goes one way; else the hub and its sites. */
  private void parties(StringBuilder text) {
    List<Spoke> sources = having("push");
    List<Spoke> targets = having("pull");
    boolean oneWay =
        !sources.isEmpty()
            && !targets.isEmpty()
            && sources.size() + targets.size() == status.spokes().size();
    if (oneWay) {
      sources.forEach(spoke -> text.append("SOURCE: ").append(party(spoke)).append('\n'));
      targets.forEach(spoke -> text.append("TARGET: ").append(party(spoke)).append('\n'));
    } else {
      int sites = status.spokes().size();
      text.append("HUB: ")
          .append(Table.printable(status.hub()))
          .append(" with ")
          .append(sites == 0 ? "no sites yet" : sites == 1 ? "1 site" : sites + " sites")
          .append('\n');
    }
  }

  private List<Spoke> having(String direction) {
    return status.spokes().stream().filter(spoke -> spoke.direction().equals(direction)).toList();
  }

  private static String party(Spoke spoke) {
    return (spoke.engine().isEmpty() ? "Not joined yet" : Human.engine(spoke.engine()))
        + " ("
        + spoke.name()
        + ")";
  }

  private Table tables() {
    Table grid = new Table("Table", "Status", "Lag", "Records");
    for (HubStatus.TableFlow table : status.tables()) {
      String mark = table.status().equals("synced") ? "✓" : "⚠";
      grid.row(
          table.table(),
          mark + " " + Human.words(table.status()),
          Human.lag(table.lagMicros()),
          Human.count(table.records()));
    }
    return grid;
  }

  private static void rate(StringBuilder text, String name, double rate) {
    text.append("  ")
        .append(name)
        .append(": ")
        .append(Human.grouped(rate))
        .append(" records/sec\n");
  }

  private static void count(StringBuilder text, String name, long number) {
    text.append("  ").append(name).append(": ").append(Human.count(number)).append('\n');
  }

  private static BigDecimal rounded(double rate) {
    BigDecimal value =
        BigDecimal.valueOf(rate).setScale(1, RoundingMode.HALF_UP).stripTrailingZeros();
    return value.scale() < 0 ? value.setScale(0) : value;
  }
}
