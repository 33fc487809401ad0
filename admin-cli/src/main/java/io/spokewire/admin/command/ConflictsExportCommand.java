package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.OutputFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code syncadm conflicts export}. */
@Command(
    name = "export",
    description = {
      "Every conflict that matches, newest first, as it comes: CSV, or with -o json one JSON"
          + " object",
      "a line. Takes no memory, however many there are."
    },
    footer = {
      "",
      "Examples:",
      "  syncadm conflicts export --since 30d > conflicts.csv",
      "  syncadm conflicts export --table orders -o json | gzip > orders.jsonl.gz"
    })
public final class ConflictsExportCommand implements Callable<Integer> {
  private static final int LINES_UNSEEN = 1_000;

  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  private long lines;

  @Mixin private ConflictFilterOptions which = new ConflictFilterOptions();

  public ConflictsExportCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (HubClient hub = door.open(options)) {
      if (options.output() == OutputFormat.JSON) {
        hub.conflicts(
            which.filter(),
            0,
            0,
            conflict -> line(Json.compact(new ConflictReport(conflict).json()) + "\n"));
      } else {
        line(Csv.line(ConflictReport.columns()));
        hub.conflicts(
            which.filter(), 0, 0, conflict -> line(Csv.line(new ConflictReport(conflict).cells())));
      }
    }
    terminal.out().flush();
    return 0;
  }

  /** Whoever reads may have gone: looking for that writes out what waits, so not at every line. */
  private void line(String line) {
    terminal.out().print(line);
    if (++lines % LINES_UNSEEN == 0 && terminal.out().checkError()) {
      throw Usage.fault("export conflicts", "the output is closed", "");
    }
  }
}
