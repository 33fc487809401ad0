package io.spokewire.admin.command;

import io.spokewire.admin.client.Conflict;
import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syncadm conflicts list}. */
@Command(
    name = "list",
    description = {
      "Conflicts, newest first: one per conflicting field of a row.",
      "As JSON: source is the write that arrived, target the one it met; their clocks say what"
          + " each had seen."
    },
    footer = {
      "",
      "Examples:",
      "  syncadm conflicts list --table orders --since 24h",
      "  syncadm conflicts list --key 7 -o json",
      "  syncadm conflicts list --state open"
    })
public final class ConflictsListCommand implements Callable<Integer> {
  private static final int SHOWN_TO_PEOPLE = 100;

  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Mixin private ConflictFilterOptions which = new ConflictFilterOptions();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many. Default: 100 in a table, all as JSON and CSV.")
  private @Nullable Long limit;

  @Option(
      names = "--before",
      paramLabel = "ID",
      description = "Only older ones than this conflict: the next page.")
  private @Nullable Long before;

  public ConflictsListCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (limit != null && limit < 1) {
      throw Usage.fault("list conflicts", "--limit " + limit, "use 1 or more");
    }
    if (before != null && before < 1) {
      throw Usage.fault("list conflicts", "--before " + before, "ids begin at 1");
    }
    try (HubClient hub = door.open(options)) {
      switch (options.output()) {
        case TABLE -> asTable(hub);
        case JSON -> asJson(hub);
        case CSV -> asCsv(hub);
      }
    }
    return 0;
  }

  private void asTable(HubClient hub) {
    long shown = limit == null ? SHOWN_TO_PEOPLE : limit;
    List<Conflict> found = new ArrayList<>();
    list(hub, shown == Long.MAX_VALUE ? shown : shown + 1, found::add);
    boolean more = found.size() > shown;
    terminal.print(ConflictReport.table(more ? found.subList(0, (int) shown) : found));
    if (more) {
      terminal.note("older ones follow: --before " + found.get((int) shown - 1).id());
    }
  }

  /** Written as they come, so that a long audit needs no memory. */
  private void asJson(HubClient hub) {
    AtomicLong written = new AtomicLong();
    list(
        hub,
        limit == null ? 0 : limit,
        conflict -> {
          String json = Json.pretty(new ConflictReport(conflict).json());
          terminal.out().print(written.getAndIncrement() == 0 ? "[\n" : ",\n");
          terminal.out().print(json.indent(2).stripTrailing());
        });
    terminal.print(written.get() == 0 ? "[]\n" : "\n]\n");
  }

  private void asCsv(HubClient hub) {
    terminal.out().print(Csv.line(ConflictReport.columns()));
    list(
        hub,
        limit == null ? 0 : limit,
        conflict -> terminal.out().print(Csv.line(new ConflictReport(conflict).cells())));
    terminal.out().flush();
  }

  private void list(HubClient hub, long most, Consumer<Conflict> each) {
    hub.conflicts(which.filter(), most, before == null ? 0 : before, each);
  }
}
