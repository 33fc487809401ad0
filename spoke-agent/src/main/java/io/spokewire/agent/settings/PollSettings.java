package io.spokewire.agent.settings;

import io.spokewire.common.config.YamlMap;
import io.spokewire.common.id.TableName;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How tables are polled.
 *
 * @param incrementalKey the column that every write sets to the present time
 * @param keys the same for single tables, by their names in the plan
 * @param interval so often the tables are looked at
 * @param overlap so late a transaction may commit after it set the column
 * @param timeZone of columns without a zone; empty if nobody knows
 * @param deleteDetection so often all keys are read, to find what was deleted; empty for never
 */
public record PollSettings(
    String incrementalKey,
    Map<String, String> keys,
    Duration interval,
    Duration overlap,
    Optional<ZoneId> timeZone,
    Optional<Duration> deleteDetection) {
  public static final PollSettings DEFAULT =
      new PollSettings(
          "updated_at",
          Map.of(),
          Duration.ofSeconds(5),
          Duration.ofMinutes(10),
          Optional.empty(),
          Optional.empty());

  private static final Duration LEAST = Duration.ofMillis(100);
  private static final Duration MOST = Duration.ofDays(30);

  public PollSettings {
    keys = Map.copyOf(keys);
  }

  /** The column by which a table is polled. */
  public String keyOf(TableName table) {
    return keys.getOrDefault(table.name(), incrementalKey);
  }

  static PollSettings of(YamlMap polling) {
    Map<String, String> keys = new TreeMap<>();
    YamlMap named = polling.map("keys");
    for (String table : named.keys()) {
      keys.put(table, named.text(table, ""));
    }
    Duration never = Duration.ofDays(36_500);
    Duration detection =
        polling.has("delete_detection")
            ? polling.duration("delete_detection", never, Duration.ofSeconds(1), MOST)
            : never;
    return new PollSettings(
        polling.text("incremental_key", DEFAULT.incrementalKey()),
        keys,
        polling.duration("interval", DEFAULT.interval(), LEAST, MOST),
        polling.duration("overlap", DEFAULT.overlap(), Duration.ofSeconds(1), MOST),
        polling.parsed("time_zone", PollSettings::zone),
        detection.equals(never) ? Optional.empty() : Optional.of(detection));
  }

  private static ZoneId zone(String name) {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "'" + name + "' is no time zone such as UTC, +02:00 or Europe/Lisbon", e);
    }
  }

  void put(YamlLines text) {
    text.begin("polling");
    text.comment("the column that every write sets to the present time; keys: {TABLE: COLUMN} for");
    text.comment("tables that have another one");
    text.put("incremental_key", incrementalKey);
    if (!keys.isEmpty()) {
      text.begin("keys");
      new TreeMap<>(keys).forEach(text::put);
      text.end();
    }
    text.put("interval", text(interval));
    text.comment("so late a transaction may commit after it set the column");
    text.put("overlap", text(overlap));
    text.comment("time_zone: UTC -- of columns without a zone, if all who write keep to one");
    timeZone.ifPresent(zone -> text.put("time_zone", zone.getId()));
    text.comment(
        "delete_detection: 1h -- so often all keys are read; absent: deletes are not seen");
    deleteDetection.ifPresent(often -> text.put("delete_detection", text(often)));
    text.end();
  }

  private static String text(Duration span) {
    long millis = span.toMillis();
    if (millis % 60_000 == 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
  }
}
