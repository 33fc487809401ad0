package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.Spoke;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Human;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.Report;
import io.spokewire.admin.output.Table;
import java.util.List;
import java.util.Locale;

/** Everything about one site. */
record SpokeReport(Spoke.Details details) implements Report {
  @Override
  public String table() {
    Spoke spoke = details.spoke();
    StringBuilder text = new StringBuilder();
    text.append("SITE ").append(spoke.name().toUpperCase(Locale.ROOT)).append('\n');
    text.repeat('═', 39).append('\n');
    text.append("STATUS: ")
        .append(SpokesReport.mark(spoke))
        .append(' ')
        .append(Human.words(spoke.state()));
    text.append(spoke.reason().isEmpty() ? "" : ", " + Table.printable(spoke.reason()))
        .append("\n\n");
    line(text, "Database", database(spoke));
    if (!details.capture().isEmpty()) {
      line(text, "Captured by", details.capture());
    }
    line(text, "Direction", spoke.direction());
    line(text, "Channel", details.channel());
    line(text, "Connected", spoke.connected() ? "yes" : "no");
    line(text, "Lag", Human.lag(spoke.lagMicros()));
    line(text, "Applied", spoke.appliedPosition().toString().replaceAll("[{}]", ""));
    line(text, "Outbox", Human.grouped(spoke.outboxPending()) + " transactions");
    line(text, "Parked", Human.grouped(spoke.parked()) + " rows");
    line(text, "Log kept", Human.bytes(details.retainedLogBytes()));
    line(text, "Clock", Json.seconds(details.clockOffsetMicros()).toPlainString() + "s off");
    line(text, "Epoch", Integer.toString(details.epoch()));
    if (!spoke.fault().isEmpty()) {
      line(text, "Fault", spoke.fault());
      line(text, "What to do", spoke.faultHint());
    }
    if (!details.tables().isEmpty()) {
      text.append("\nTABLES:\n").append(tables().render());
    }
    if (!details.tableProblems().isEmpty()) {
      text.append("\nPROBLEMS:\n");
      details
          .tableProblems()
          .forEach(problem -> text.append("  ").append(Table.printable(problem)).append('\n'));
    }
    return text.toString();
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        SpokesReport.json(details.spoke())
            .put("channel", details.channel())
            .put("epoch", details.epoch())
            .put("paused", details.paused())
            .put("engine_version", details.engineVersion())
            .put("capture", details.capture())
            .put("retained_log_bytes", details.retainedLogBytes())
            .put("clock_offset_seconds", Json.seconds(details.clockOffsetMicros()))
            .put("starts_after", details.startsAfter())
            .put("assume_identical", details.assumeIdentical());
    ArrayNode tables = node.putArray("tables");
    for (Spoke.Table table : details.tables()) {
      ObjectNode one = tables.addObject().put("name", table.name()).put("columns", table.columns());
      one.set("key", Json.texts(table.key()));
      one.put("before_images", table.beforeImages()).put("empty_at_start", table.emptyAtStart());
    }
    node.set("table_problems", Json.texts(details.tableProblems()));
    return node;
  }

  @Override
  public Csv csv() {
    return new SpokesReport(List.of(details.spoke())).csv();
  }

  private Table tables() {
    Table grid = new Table("Table", "Columns", "Key", "Before images");
    for (Spoke.Table table : details.tables()) {
      grid.row(
          table.name(),
          Integer.toString(table.columns()),
          table.key().isEmpty() ? "none: inserts only" : String.join(", ", table.key()),
          table.beforeImages() ? "yes" : "no");
    }
    return grid;
  }

  private String database(Spoke spoke) {
    return spoke.engine().isEmpty()
        ? "not joined yet"
        : (Human.engine(spoke.engine()) + " " + details.engineVersion()).strip();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "  %-12s %s%n", name + ":", Table.printable(value)));
  }
}
