package io.spokewire.admin.command;

import io.spokewire.admin.client.Conflict;
import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
      "  syncadm conflicts list --key 7 -o json"
    })
public final class ConflictsListCommand implements Callable<Integer> {
  private static final int SHOWN_TO_PEOPLE = 100;

  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Option(names = "--table", paramLabel = "TABLE", description = "Of this table.")
  private String table = "";

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "Of the row with this key: 7, or 7,paris for two columns, or JSON.")
  private String key = "";

  @Option(names = "--field", paramLabel = "FIELD", description = "Of this column; # is existence.")
  private String field = "";

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      description = "From then on: 24h, 7d, 2026-11-22, 2026-11-22T10:00:00Z.")
  private @Nullable Instant since;

  @Option(names = "--until", paramLabel = "WHEN", description = "Before then.")
  private @Nullable Instant until;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      description = "Settled by this strategy, such as last_write_wins.")
  private String strategy = "";

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = {
        "How the writes met: update_concurrent, insert_exists, update_deleted,",
        "delete_concurrent_update, own_overwritten, update_pkey_exists, update_pkey_concurrent,",
        "unique_violation, fk_parent_missing, fk_child_exists, check_violation_after_merge,",
        "truncate_concurrent."
      })
  private String kind = "";

  @Option(names = "--spoke", paramLabel = "NAME", description = "With this site on either side.")
  private String spoke = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many. Default: 100 in a table, all as JSON and CSV.")
  private @Nullable Long limit;

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
    hub.conflicts(filter(shown == Long.MAX_VALUE ? shown : shown + 1), found::add);
    boolean more = found.size() > shown;
    terminal.print(ConflictReport.table(more ? found.subList(0, (int) shown) : found));
    if (more && limit == null) {
      terminal.note("older ones are not shown: use --limit, --since or -o json");
    }
  }

  /** Written as they come, so that a long audit needs no memory. */
  private void asJson(HubClient hub) {
    AtomicLong written = new AtomicLong();
    hub.conflicts(
        filter(limit == null ? 0 : limit),
        conflict -> {
          String json = Json.pretty(new ConflictReport(conflict).json());
          terminal.out().print(written.getAndIncrement() == 0 ? "[\n" : ",\n");
          terminal.out().print(json.indent(2).stripTrailing());
        });
    terminal.print(written.get() == 0 ? "[]\n" : "\n]\n");
  }

  private void asCsv(HubClient hub) {
    terminal.out().print(Csv.line(ConflictReport.columns()));
    hub.conflicts(
        filter(limit == null ? 0 : limit),
        conflict -> terminal.out().print(Csv.line(new ConflictReport(conflict).cells())));
    terminal.out().flush();
  }

  private Conflict.Filter filter(long most) {
    return new Conflict.Filter(
        table, key, field, micros(since), micros(until), strategy, kind, spoke, most);
  }

  private static OptionalLong micros(@Nullable Instant instant) {
    return instant == null
        ? OptionalLong.empty()
        : OptionalLong.of(ChronoUnit.MICROS.between(Instant.EPOCH, instant));
  }
}
