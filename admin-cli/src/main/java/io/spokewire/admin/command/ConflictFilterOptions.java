package io.spokewire.admin.command;

import io.spokewire.admin.client.Conflict;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which conflicts are meant: the same for every command of the group. */
final class ConflictFilterOptions {
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
      description = "Found then or later: 24h, 7d, 2026-11-22, 2026-11-22T10:00:00Z.")
  private @Nullable Instant since;

  @Option(names = "--until", paramLabel = "WHEN", description = "Found before then.")
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
      names = "--state",
      paramLabel = "STATE",
      description = "settled (by a rule), open (awaits a decision), decided or reverted.")
  private String state = "";

  Conflict.Filter filter() {
    return new Conflict.Filter(
        table, key, field, micros(since), micros(until), strategy, kind, spoke, state);
  }

  private static OptionalLong micros(@Nullable Instant instant) {
    return instant == null
        ? OptionalLong.empty()
        : OptionalLong.of(ChronoUnit.MICROS.between(Instant.EPOCH, instant));
  }
}
