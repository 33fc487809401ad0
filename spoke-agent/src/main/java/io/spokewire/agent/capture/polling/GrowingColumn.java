package io.spokewire.agent.capture.polling;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableSchema;
import java.util.Optional;

/**
 * The column of a table that every write sets to the present time.
 *
 * @param nullable whether rows may be without; those are read at each look
 */
public record GrowingColumn(String name, Kind kind, boolean nullable) {
  /** What its values say. */
  public enum Kind {
    /** A point in time. */
    INSTANT,
    /** What a clock on some wall showed. */
    WALL_CLOCK
  }

  /** What stands against polling a table. */
  public record Obstacle(String reason, String hint) {}

  /** The column, if the table can be polled by it. */
  public static Optional<GrowingColumn> of(TableSchema own, String name) {
    int ordinal = own.ordinalOf(name);
    if (ordinal < 0 || !own.hasKey()) {
      return Optional.empty();
    }
    Column column = own.columns().get(ordinal);
    return switch (column.type()) {
      case TIMESTAMP_TZ -> Optional.of(new GrowingColumn(name, Kind.INSTANT, column.nullable()));
      case TIMESTAMP -> Optional.of(new GrowingColumn(name, Kind.WALL_CLOCK, column.nullable()));
      default -> Optional.empty();
    };
  }

  /** Why the table can't be polled by this column; empty if it can. */
  public static Optional<Obstacle> obstacle(TableSchema own, String name) {
    if (of(own, name).isPresent()) {
      return Optional.empty();
    }
    if (!own.hasKey()) {
      return Optional.of(
          new Obstacle(
              "has no primary key: a polled row can't be found in the copy",
              "ALTER TABLE " + own.table() + " ADD PRIMARY KEY (<columns>)"));
    }
    int ordinal = own.ordinalOf(name);
    String other =
        "or name the right one in agent.yaml: cdc_config.polling.keys: {"
            + own.table()
            + ": <column>}";
    return Optional.of(
        ordinal < 0
            ? new Obstacle(
                "has no column " + name + " to be polled by",
                "add a column that every write sets to the present time, " + other)
            : new Obstacle(
                "can't be polled by column "
                    + name
                    + ": it is "
                    + own.columns().get(ordinal).nativeType()
                    + ", which does not tell when",
                "make it a timestamp that every write sets to the present time, " + other));
  }
}
