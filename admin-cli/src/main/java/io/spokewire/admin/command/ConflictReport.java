package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.Conflict;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Human;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.Report;
import io.spokewire.admin.output.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** One conflict, and the table of many. */
record ConflictReport(Conflict conflict) implements Report {
  private static final String EXISTENCE = "#";
  private static final String SETTLED = "settled";

  static String table(List<Conflict> conflicts) {
    if (conflicts.isEmpty()) {
      return "No conflicts.\n";
    }
    boolean anyRuledOn = conflicts.stream().anyMatch(c -> !c.state().equals(SETTLED));
    List<String> header =
        new ArrayList<>(
            List.of("Id", "Time", "Row", "Field", "Before", "Arriving", "Met", "Result", "Rule"));
    if (anyRuledOn) {
      header.add("State");
    }
    Table table = new Table(header.toArray(String[]::new));
    for (Conflict c : conflicts) {
      ConflictReport report = new ConflictReport(c);
      List<String> cells =
          new ArrayList<>(
              List.of(
                  Long.toString(c.id()),
                  Human.time(c.loggedMicros()).replace(" UTC", ""),
                  report.row(),
                  report.fieldName(),
                  report.shown(c.base()),
                  c.source().spoke() + ": " + report.shown(c.source().value()),
                  c.target().spoke() + ": " + report.shown(c.target().value()),
                  report.shown(c.result()),
                  c.resolution()));
      if (anyRuledOn) {
        cells.add(c.state());
      }
      table.row(cells.toArray(String[]::new));
    }
    return table.render();
  }

  @Override
  public String table() {
    Conflict c = conflict;
    StringBuilder text = new StringBuilder();
    text.append("CONFLICT ").append(c.id()).append('\n').repeat('═', 39).append('\n');
    text.append("ROW:   ").append(Table.printable(c.table() + " " + c.key())).append('\n');
    text.append("FIELD: ")
        .append(Table.printable(fieldName()))
        .append(isOfRow() || c.type().isEmpty() ? "" : " (" + c.type() + ")")
        .append('\n');
    text.append("KIND:  ").append(c.kind().replace('_', ' ')).append('\n');
    text.append("STATE: ").append(c.state()).append('\n');
    text.append("FOUND: ").append(Human.time(c.loggedMicros())).append('\n');
    text.append("PLACE: ").append(c.channel()).append(':').append(c.position()).append("\n\n");
    Table table = new Table("Write", "Site", "Committed", "Value", "Had seen");
    table.row("Before", "", "", shown(c.base()), "");
    side(table, "Arriving", c.source());
    side(table, "Met", c.target());
    c.others().forEach(other -> side(table, "Met too", other));
    table.row("Result", "", "", shown(c.result()), "");
    text.append(table.render());
    text.append(whole());
    text.append("\nNeither write had seen the other: ")
        .append(Table.printable(c.resolution()))
        .append(" (plan version ")
        .append(c.ruleVersion())
        .append(") ")
        .append(verdict())
        .append(".\n")
        .append(afterwards());
    return text.toString();
  }

  @Override
  public ObjectNode json() {
    Conflict c = conflict;
    ObjectNode node =
        Json.object()
            .put("id", c.id())
            .put("timestamp", Human.iso(c.loggedMicros()))
            .put("table", c.table());
    node.set("key", key());
    node.put("field", c.field()).put("kind", c.kind());
    node.set("base_value", value(c.base()));
    node.put("source_spoke", c.source().spoke());
    node.set("source_value", value(c.source().value()));
    node.put("target_spoke", c.target().spoke());
    node.set("target_value", value(c.target().value()));
    node.put("resolution", c.resolution());
    node.set("result", value(c.result()));
    node.put("position", c.position());
    node.set("source_clock", Json.numbers(c.source().clock()));
    node.set("target_clock", Json.numbers(c.target().clock()));
    node.put("rule_version", c.ruleVersion())
        .put("type", c.type())
        .put("channel", c.channel())
        .put("source_sequence", c.source().sequence())
        .put("target_sequence", c.target().sequence())
        .put("state", c.state());
    node.put("decided_by", c.decision().map(Conflict.Decision::by).orElse(null))
        .put("decided_at", c.decision().map(d -> Human.iso(d.atMicros())).orElse(null));
    node.set(
        "decided_value",
        c.decision().map(d -> value(d.value())).orElseGet(JsonNodeFactory.instance::nullNode));
    node.put("decided_reason", c.decision().map(Conflict.Decision::reason).orElse(null));
    ArrayNode siblings = node.putArray("siblings");
    siblings().forEach(side -> siblings.add(json(side)));
    return node;
  }

  @Override
  public Csv csv() {
    return new Csv(columns()).row(cells());
  }

  static String[] columns() {
    return new String[] {
      "id",
      "timestamp",
      "table",
      "key",
      "field",
      "kind",
      "base_value",
      "source_spoke",
      "source_value",
      "target_spoke",
      "target_value",
      "resolution",
      "result",
      "position",
      "source_clock",
      "target_clock",
      "rule_version",
      "state",
      "source_time",
      "target_time",
      "decided_by",
      "decided_at",
      "decided_value",
      "decided_reason",
      "siblings"
    };
  }

  String[] cells() {
    Conflict c = conflict;
    ArrayNode siblings = Json.array();
    siblings().forEach(side -> siblings.add(json(side)));
    return new String[] {
      Long.toString(c.id()),
      Human.iso(c.loggedMicros()),
      c.table(),
      c.key(),
      c.field(),
      c.kind(),
      c.base().text().orElse(""),
      c.source().spoke(),
      c.source().value().text().orElse(""),
      c.target().spoke(),
      c.target().value().text().orElse(""),
      c.resolution(),
      c.result().text().orElse(""),
      Long.toString(c.position()),
      Json.compact(Json.numbers(c.source().clock())),
      Json.compact(Json.numbers(c.target().clock())),
      Integer.toString(c.ruleVersion()),
      c.state(),
      Human.iso(c.source().timeMicros()),
      Human.iso(c.target().timeMicros()),
      c.decision().map(Conflict.Decision::by).orElse(""),
      c.decision().map(d -> Human.iso(d.atMicros())).orElse(""),
      c.decision().flatMap(d -> d.value().text()).orElse(""),
      c.decision().map(Conflict.Decision::reason).orElse(""),
      Json.compact(siblings)
    };
  }

  /** {@code orders id=7}. */
  String row() {
    return conflict.table()
        + " "
        + Json.parse(conflict.key())
            .filter(JsonNode::isObject)
            .map(
                object ->
                    object.properties().stream()
                        .map(e -> e.getKey() + "=" + e.getValue().asText())
                        .collect(Collectors.joining(" ")))
            .orElse(conflict.key());
  }

  JsonNode key() {
    return Json.parse(conflict.key()).orElseGet(() -> text(conflict.key()));
  }

  String fieldName() {
    return isOfRow() ? "the row itself" : conflict.field();
  }

  String shown(Conflict.Value value) {
    return value.text().orElse(isOfRow() ? "no row" : value.absent() ? "–" : "NULL");
  }

  /** Numbers, truth values, JSON and rows as themselves, everything else as text. */
  JsonNode value(Conflict.Value value) {
    if (value.text().isEmpty()) {
      return JsonNodeFactory.instance.nullNode();
    }
    String text = value.text().get();
    return switch (conflict.type()) {
      case "integer", "decimal", "boolean", "json", "float32", "float64", "existence" ->
          Json.parse(text).orElseGet(() -> text(text));
      default -> text(text);
    };
  }

  private boolean isOfRow() {
    return conflict.field().equals(EXISTENCE);
  }

  private List<Conflict.Side> siblings() {
    List<Conflict.Side> siblings = new ArrayList<>(conflict.others());
    siblings.add(conflict.target());
    siblings.add(conflict.source());
    siblings.sort(Comparator.comparingLong(Conflict.Side::position));
    return siblings;
  }

  private ObjectNode json(Conflict.Side side) {
    ObjectNode node =
        Json.object()
            .put("spoke", side.spoke())
            .put("sequence", side.sequence())
            .put("position", side.position())
            .put("time", Human.iso(side.timeMicros()));
    node.set("value", value(side.value()));
    side.deleted().flatMap(Json::parse).ifPresent(row -> node.set("deleted", row));
    node.set("clock", Json.numbers(side.clock()));
    return node;
  }

  private void side(Table table, String what, Conflict.Side side) {
    table.row(
        what,
        side.spoke(),
        Human.iso(side.timeMicros()).replace('T', ' '),
        side.deleted().map(row -> "deleted " + row).orElseGet(() -> shown(side.value())),
        clock(side));
  }

  /** Cells are cut where they are long; here is all of what was. */
  private String whole() {
    StringBuilder text = new StringBuilder();
    whole(text, "Before", conflict.base().text().orElse(""));
    for (Conflict.Side side : siblings()) {
      whole(text, side.spoke(), side.value().text().orElse(""));
      whole(text, side.spoke() + " deleted", side.deleted().orElse(""));
    }
    whole(text, "Result", conflict.result().text().orElse(""));
    return text.isEmpty() ? "" : "\nIn full:\n" + text;
  }

  private static void whole(StringBuilder text, String what, String value) {
    if (value.length() > Table.WIDEST_CELL) {
      text.append("  ").append(what).append(": ").append(Table.printable(value)).append('\n');
    }
  }

  private String verdict() {
    if (conflict.result().equals(conflict.source().value())) {
      return "took " + conflict.source().spoke() + "'s";
    }
    for (Conflict.Side side : siblings()) {
      if (conflict.result().equals(side.value())) {
        return "kept " + side.spoke() + "'s";
      }
    }
    return "made a value of " + (conflict.others().isEmpty() ? "both" : "all");
  }

  /** What people made of it, or should. */
  private String afterwards() {
    if (conflict.decision().isPresent()) {
      Conflict.Decision d = conflict.decision().get();
      return "%s by %s at %s, now %s%s.\n"
          .formatted(
              Human.words(conflict.state()),
              Table.printable(d.by()),
              Human.time(d.atMicros()),
              Table.printable(shown(d.value())),
              d.reason().isEmpty() ? "" : ": " + Table.printable(d.reason()));
    }
    return conflict.state().equals("open") ? "It awaits a decision.\n" : "";
  }

  private static JsonNode text(String text) {
    return JsonNodeFactory.instance.textNode(text);
  }

  private static String clock(Conflict.Side side) {
    return side.clock().entrySet().stream()
        .map(e -> e.getKey() + ":" + e.getValue())
        .collect(Collectors.joining(" "));
  }
}
