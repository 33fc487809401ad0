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
import java.util.Map;
import java.util.stream.Collectors;

/** Sites, one line each. */
record SpokesReport(List<Spoke> spokes) implements Report {
  private static final String[] COLUMNS = {
    "name",
    "engine",
    "direction",
    "state",
    "lag_seconds",
    "applied_position",
    "outbox_pending",
    "connected",
    "parked",
    "reason",
    "fault"
  };

  @Override
  public String table() {
    if (spokes.isEmpty()) {
      return "No sites yet. Add one: syncadm topology add-spoke NAME\n";
    }
    return grid(spokes).render() + notes(spokes);
  }

  @Override
  public ArrayNode json() {
    ArrayNode array = Json.array();
    spokes.forEach(spoke -> array.add(json(spoke)));
    return array;
  }

  @Override
  public Csv csv() {
    Csv csv = new Csv(COLUMNS);
    for (Spoke spoke : spokes) {
      csv.row(
          spoke.name(),
          spoke.engine(),
          spoke.direction(),
          spoke.state(),
          Json.seconds(spoke.lagMicros()).toPlainString(),
          positions(spoke),
          Long.toString(spoke.outboxPending()),
          Boolean.toString(spoke.connected()),
          Long.toString(spoke.parked()),
          spoke.reason(),
          spoke.fault());
    }
    return csv;
  }

  static ObjectNode json(Spoke spoke) {
    ObjectNode node =
        Json.object()
            .put("name", spoke.name())
            .put("engine", spoke.engine())
            .put("direction", spoke.direction())
            .put("state", spoke.state())
            .put("lag_seconds", Json.seconds(spoke.lagMicros()));
    node.set("applied_position", Json.numbers(spoke.appliedPosition()));
    return node.put("outbox_pending", spoke.outboxPending())
        .put("connected", spoke.connected())
        .put("parked", spoke.parked())
        .put("reason", spoke.reason())
        .put("fault", spoke.fault())
        .put("fault_hint", spoke.faultHint());
  }

  static Table grid(List<Spoke> spokes) {
    Table table = new Table("Site", "Database", "Direction", "Status", "Lag", "Applied", "Outbox");
    for (Spoke spoke : spokes) {
      table.row(
          spoke.name(),
          spoke.engine().isEmpty() ? "–" : Human.engine(spoke.engine()),
          arrow(spoke.direction()),
          mark(spoke) + " " + Human.words(spoke.state()),
          isKnown(spoke) ? Human.lag(spoke.lagMicros()) : "–",
          positions(spoke),
          Human.count(spoke.outboxPending()));
    }
    return table;
  }

  /** Why sites are not live, and what their agents complain of. */
  static String notes(List<Spoke> spokes) {
    StringBuilder notes = new StringBuilder();
    for (Spoke spoke : spokes) {
      if (!spoke.reason().isEmpty()) {
        note(
            notes,
            spoke.name()
                + (spoke.state().equals("needs_resync") ? " " : " is ")
                + Human.words(spoke.state()).toLowerCase(Locale.ROOT)
                + ": "
                + spoke.reason());
      }
      if (!spoke.fault().isEmpty()) {
        note(
            notes,
            spoke.name()
                + ": "
                + spoke.fault()
                + (spoke.faultHint().isEmpty() ? "" : " (" + spoke.faultHint() + ")"));
      }
    }
    return notes.toString();
  }

  static String mark(Spoke spoke) {
    return switch (spoke.state()) {
      case "live" -> spoke.fault().isEmpty() ? "✓" : "⚠";
      case "fenced", "needs_resync" -> "✗";
      default -> "⚠";
    };
  }

  private static void note(StringBuilder notes, String line) {
    notes.append("  ").append(Table.printable(line)).append('\n');
  }

  private static boolean isKnown(Spoke spoke) {
    return spoke.connected() || spoke.lagMicros() > 0;
  }

  private static String arrow(String direction) {
    return switch (direction) {
      case "push" -> "→ push";
      case "pull" -> "← pull";
      default -> "⇄ " + direction;
    };
  }

  private static String positions(Spoke spoke) {
    Map<String, Long> positions = spoke.appliedPosition();
    if (positions.size() == 1 && positions.containsKey("main")) {
      return Long.toString(positions.values().iterator().next());
    }
    return positions.entrySet().stream()
        .map(e -> e.getKey() + ":" + e.getValue())
        .collect(Collectors.joining(" "));
  }

  /**
   * One site after something was done with it.
   *
   * @param done what, as the end of a sentence
   */
  record One(Spoke spoke, String done) implements Report {
    @Override
    public String table() {
      return spoke.name() + " " + done + ".\n";
    }

    @Override
    public ObjectNode json() {
      return SpokesReport.json(spoke);
    }

    @Override
    public Csv csv() {
      return new SpokesReport(List.of(spoke)).csv();
    }
  }
}
