package io.spokewire.hub.resolve.rule;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.config.ConflictRule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Turns what a plan says of a column into the rule for a column of that type, or says why not. */
public final class ColumnRules {
  private ColumnRules() {}

  /** A rule, or why it does not fit. */
  public sealed interface Fit {
    /** It fits. */
    record Fits(FieldRule rule) implements Fit {}

    /**
     * It does not.
     *
     * @param why for people: "adds exact numbers, and this is text"
     */
    record Misfits(String why) implements Fit {}
  }

  /**
   * The rule for a column.
   *
   * @param said what the plan says
   * @param name what the audit calls it
   * @param schema the table's shape
   * @param column one of its columns
   */
  public static Fit of(ConflictRule said, String name, TableSchema schema, Column column) {
    return switch (said) {
      case ConflictRule.LastWriteWins rule ->
          rule.column().isEmpty()
              ? fits(new LastWriteWins(name))
              : lastValueWins(name, schema, rule.column().get());
      case ConflictRule.FirstWriteWins rule -> fits(new FirstWriteWins(name));
      case ConflictRule.SourcePriority rule -> fits(new SourcePriority(name, rule.order()));
      case ConflictRule.Merge rule -> fits(new SourcePriority(name, rule.order()));
      case ConflictRule.Manual rule -> fits(new Manual(name));
      case ConflictRule.Sum rule ->
          column.type() == LogicalType.INTEGER || column.type() == LogicalType.DECIMAL
              ? fits(new Sum(name))
              : misfits("it adds exact numbers", column);
      case ConflictRule.Max rule ->
          ordered(column)
              .map(order -> fits(new Greatest(name, order)))
              .orElseGet(() -> misfits("it compares numbers, dates and times", column));
      case ConflictRule.Min rule ->
          ordered(column)
              .map(order -> fits(new Least(name, order)))
              .orElseGet(() -> misfits("it compares numbers, dates and times", column));
      case ConflictRule.PriorityOrder rule -> priorityOrder(rule, name, column);
      case ConflictRule.Union rule ->
          elements(column)
              .map(elements -> fits(new Union(name, elements)))
              .orElseGet(() -> misfits("it unites arrays, sets and JSON", column));
    };
  }

  /** Whether the column's values have an order, so that {@code last_write_wins} may name it. */
  public static boolean isOrdered(Column column) {
    return ordered(column).isPresent();
  }

  private static Optional<ValueOrder> ordered(Column column) {
    return ValueOrder.of(column.type());
  }

  private static Fit lastValueWins(String name, TableSchema schema, String stampColumn) {
    int ordinal = schema.ordinalOf(stampColumn);
    if (ordinal < 0) {
      return new Fit.Misfits("it compares column " + stampColumn + ", which is not there");
    }
    Column stamp = schema.columns().get(ordinal);
    return ordered(stamp)
        .map(order -> fits(new LastValueWins(name, stampColumn, order)))
        .orElseGet(
            () ->
                new Fit.Misfits(
                    "it compares column %s, which is %s: it must be a number, a date or a time"
                        .formatted(stampColumn, stamp.nativeType())));
  }

  private static Fit priorityOrder(ConflictRule.PriorityOrder rule, String name, Column column) {
    List<Bytes> order = new ArrayList<>();
    for (String text : rule.order()) {
      Optional<Bytes> value = canonical(text, column.type());
      if (value.isEmpty()) {
        return isListed(column.type())
            ? new Fit.Misfits("'%s' is no value of %s".formatted(text, column.nativeType()))
            : misfits("it lists texts, numbers or booleans", column);
      }
      order.add(value.get());
    }
    return fits(new PriorityOrder(name, order));
  }

  private static boolean isListed(LogicalType type) {
    return switch (type) {
      case BOOLEAN, INTEGER, DECIMAL, TEXT, NATIVE -> true;
      default -> false;
    };
  }

  /** A value of the plan's text in the form it has in rows. */
  private static Optional<Bytes> canonical(String text, LogicalType type) {
    return switch (type) {
      case TEXT, NATIVE -> Optional.of(Bytes.utf8(text));
      case BOOLEAN ->
          switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "t", "yes", "on" -> Optional.of(Bytes.utf8("t"));
            case "false", "f", "no", "off" -> Optional.of(Bytes.utf8("f"));
            default -> Optional.empty();
          };
      case INTEGER, DECIMAL -> {
        try {
          yield Optional.of(Bytes.utf8(new BigDecimal(text.strip()).toPlainString()));
        } catch (NumberFormatException e) {
          yield Optional.empty();
        }
      }
      default -> Optional.empty();
    };
  }

  private static Optional<Union.Elements> elements(Column column) {
    String type = column.nativeType().toLowerCase(Locale.ROOT);
    if (column.type() == LogicalType.JSON) {
      return Optional.of(new JsonElements());
    }
    if (column.type() == LogicalType.NATIVE && type.endsWith("[]")) {
      return Optional.of(new ArrayElements());
    }
    if (column.type() == LogicalType.NATIVE && type.startsWith("set(")) {
      return Optional.of(new SetElements());
    }
    return Optional.empty();
  }

  private static Fit fits(FieldRule rule) {
    return new Fit.Fits(rule);
  }

  private static Fit misfits(String what, Column column) {
    return new Fit.Misfits(what + ", and this column is " + column.nativeType());
  }
}
