package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.Ruling;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.Report;
import io.spokewire.admin.output.Table;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a person's word on conflicts came to.
 *
 * @param state what the conflicts are now: {@code decided} or {@code reverted}
 */
record RulingReport(List<Ruling> rulings, String state) implements Report {
  private static final String ROW = "#";

  @Override
  public String table() {
    return rulings.stream().map(this::line).collect(Collectors.joining());
  }

  private String line(Ruling ruling) {
    boolean ofRow = ruling.field().equals(ROW);
    return "Conflict %d is %s. %s %s: %s %s.\n"
        .formatted(
            ruling.id(),
            state,
            ruling.table(),
            ruling.key(),
            ofRow ? "the row" : ruling.field(),
            change(ruling, ofRow));
  }

  private static String change(Ruling ruling, boolean ofRow) {
    String value = Table.printable(ruling.value().text().orElse(ofRow ? "no row" : "NULL"));
    return ruling.written() ? "becomes " + value + " at every site" : "stays " + value;
  }

  @Override
  public JsonNode json() {
    ArrayNode rows = Json.array();
    for (Ruling ruling : rulings) {
      ObjectNode row = Json.object().put("id", ruling.id()).put("table", ruling.table());
      row.put("key", ruling.key()).put("field", ruling.field());
      row.put("value", ruling.value().text().orElse(null)).put("written", ruling.written());
      rows.add(row.put("state", state));
    }
    return rows;
  }

  @Override
  public Csv csv() {
    Csv csv = new Csv("id", "table", "key", "field", "value", "written", "state");
    for (Ruling ruling : rulings) {
      csv.row(
          Long.toString(ruling.id()),
          ruling.table(),
          ruling.key(),
          ruling.field(),
          ruling.value().text().orElse(""),
          Boolean.toString(ruling.written()),
          state);
    }
    return csv;
  }
}
