package io.spokewire.hub.audit;

import java.util.List;
import java.util.Locale;

/**
 * Conflicts counted by what they have in common.
 *
 * @param by what was counted by
 * @param rows the largest first; by time, the latest first
 */
public record ConflictCounts(List<Dimension> by, List<Row> rows) {
  public ConflictCounts {
    by = List.copyOf(by);
    rows = List.copyOf(rows);
  }

  /**
   * @param values one for each dimension
   * @param open how many of them await a decision
   */
  public record Row(List<String> values, long conflicts, long open) {
    public Row {
      values = List.copyOf(values);
    }
  }

  /** Something that conflicts are counted by. */
  public enum Dimension {
    TABLE("\"table\""),
    FIELD("field"),
    KIND("kind"),
    STRATEGY("resolution"),
    STATE("state"),
    /** The pair, whichever of the two arrived later. */
    SPOKES(
        "CASE WHEN source_spoke < target_spoke THEN source_spoke || ' ' || target_spoke"
            + " ELSE target_spoke || ' ' || source_spoke END"),
    DAY("substr(\"timestamp\", 1, 10)"),
    HOUR("substr(\"timestamp\", 1, 13)");

    private final String expression;

    Dimension(String expression) {
      this.expression = expression;
    }

    String expression() {
      return expression;
    }

    boolean isTime() {
      return this == DAY || this == HOUR;
    }

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
