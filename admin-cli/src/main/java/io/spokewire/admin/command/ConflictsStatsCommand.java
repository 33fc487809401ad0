package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.Conflict;
import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Human;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syncadm conflicts stats}. */
@Command(
    name = "stats",
    description = "How many conflicts there are, by what they have in common.",
    footer = {
      "",
      "Examples:",
      "  syncadm conflicts stats --since 7d",
      "  syncadm conflicts stats --by spokes,field --table orders",
      "  syncadm conflicts stats --by hour --since 24h -o csv"
    })
public final class ConflictsStatsCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Mixin private ConflictFilterOptions which = new ConflictFilterOptions();

  @Option(
      names = "--by",
      split = ",",
      paramLabel = "WHAT",
      description =
          "One or several of table, field, kind, strategy, state, spokes (the pair that met), day,"
              + " hour. Default: table,field,kind.")
  private List<String> by = List.of("table", "field", "kind");

  public ConflictsStatsCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (HubClient hub = door.open(options)) {
      List<Conflict.Count> counts = hub.countConflicts(which.filter(), by);
      terminal.print(
          switch (options.output()) {
            case TABLE -> table(counts);
            case JSON -> json(counts);
            case CSV -> csv(counts);
          });
      return 0;
    }
  }

  private String table(List<Conflict.Count> counts) {
    if (counts.isEmpty()) {
      return "No conflicts.\n";
    }
    boolean anyOpen = counts.stream().anyMatch(count -> count.open() > 0);
    List<String> header = new ArrayList<>(by.stream().map(Human::words).toList());
    header.add("Conflicts");
    if (anyOpen) {
      header.add("Open");
    }
    Table table = new Table(header.toArray(String[]::new));
    for (Conflict.Count count : counts) {
      List<String> cells = new ArrayList<>(count.values());
      cells.add(Long.toString(count.conflicts()));
      if (anyOpen) {
        cells.add(Long.toString(count.open()));
      }
      table.row(cells.toArray(String[]::new));
    }
    long all = counts.stream().mapToLong(Conflict.Count::conflicts).sum();
    return table.render() + "In all: " + all + "\n";
  }

  private String json(List<Conflict.Count> counts) {
    ArrayNode rows = Json.array();
    for (Conflict.Count count : counts) {
      ObjectNode row = Json.object();
      for (int i = 0; i < by.size(); i++) {
        row.put(by.get(i), count.values().get(i));
      }
      rows.add(row.put("conflicts", count.conflicts()).put("open", count.open()));
    }
    return Json.pretty(rows);
  }

  private String csv(List<Conflict.Count> counts) {
    Csv csv =
        new Csv(Stream.concat(by.stream(), Stream.of("conflicts", "open")).toArray(String[]::new));
    for (Conflict.Count count : counts) {
      csv.row(
          Stream.concat(
                  count.values().stream(),
                  Stream.of(Long.toString(count.conflicts()), Long.toString(count.open())))
              .toArray(String[]::new));
    }
    return csv.render();
  }
}
