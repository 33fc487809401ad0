package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.Conflict;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Human;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.Report;
import io.spokewire.admin.output.Table;
import java.util.List;
import java.util.stream.Collectors;

/** One conflict, and the table of many. */
record ConflictReport(Conflict conflict) implements Report {
  private static final String EXISTENCE = "#";

  static String table(List<Conflict> conflicts) {
    if (conflicts.isEmpty()) {
      return "No conflicts.\n";
    }
    Table table =
        new Table("Id", "Time", "Row", "Field", "Before", "Arriving", "Met", "Result", "Rule");
    for (Conflict c : conflicts) {
      table.row(
          Long.toString(c.id()),
          Human.time(c.loggedMicros()).replace(" UTC", ""),
          c.table() + " " + shortKey(c.key()),
          fieldName(c),
          shown(c.base()),
          c.source().spoke() + ": " + shown(c.source().value()),
          c.target().spoke() + ": " + shown(c.target().value()),
          shown(c.result()),
          c.resolution());
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
        .append(Table.printable(fieldName(c)))
        .append(c.field().equals(EXISTENCE) || c.type().isEmpty() ? "" : " (" + c.type() + ")")
        .append('\n');
    text.append("KIND:  ").append(c.kind().replace('_', ' ')).append('\n');
    text.append("TIME:  ").append(Human.time(c.loggedMicros())).append('\n');
    text.append("PLACE: ").append(c.channel()).append(':').append(c.position()).append("\n\n");
    text.append(
        new Table("Write", "Site", "Value", "Clock")
            .row("Before", "", shown(c.base()), "")
            .row("Arriving", c.source().spoke(), shown(c.source().value()), clock(c.source()))
            .row("Met", c.target().spoke(), shown(c.target().value()), clock(c.target()))
            .row("Result", "", shown(c.result()), "")
            .render());
    text.append("\nNeither write had seen the other: ")
        .append(Table.printable(c.resolution()))
        .append(" (plan version ")
        .append(c.ruleVersion())
        .append(") ")
        .append(verdict())
        .append(".\n");
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
    node.set("key", Json.parse(c.key()).orElseGet(() -> text(c.key())));
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
    return node.put("rule_version", c.ruleVersion())
        .put("type", c.type())
        .put("channel", c.channel())
        .put("source_sequence", c.source().sequence())
        .put("target_sequence", c.target().sequence());
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
      "rule_version"
    };
  }

  String[] cells() {
    Conflict c = conflict;
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
      Integer.toString(c.ruleVersion())
    };
  }

  private String verdict() {
    if (conflict.result().equals(conflict.source().value())) {
      return "took " + conflict.source().spoke() + "'s";
    }
    if (conflict.result().equals(conflict.target().value())) {
      return "kept " + conflict.target().spoke() + "'s";
    }
    return "made a value of both";
  }

  /** Numbers, truth values and JSON as themselves, everything else as text. */
  private JsonNode value(Conflict.Value value) {
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

  private static JsonNode text(String text) {
    return JsonNodeFactory.instance.textNode(text);
  }

  private static String fieldName(Conflict c) {
    return c.field().equals(EXISTENCE) ? "the row itself" : c.field();
  }

  private static String shown(Conflict.Value value) {
    return value.text().orElse(value.absent() ? "–" : "NULL");
  }

  private static String clock(Conflict.Side side) {
    return side.clock().entrySet().stream()
        .map(e -> e.getKey() + ":" + e.getValue())
        .collect(Collectors.joining(" "));
  }

  /** {@code id=7} for {@code {"id": 7}}. */
  private static String shortKey(String key) {
    return Json.parse(key)
        .filter(JsonNode::isObject)
        .map(
            object ->
                object.properties().stream()
                    .map(e -> e.getKey() + "=" + e.getValue().asText())
                    .collect(Collectors.joining(" ")))
        .orElse(key);
  }
}
