package io.spokewire.common.type;

import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The SQL that makes two sites' columns go together, tried out on the rules themselves. */
final class Remedies {
  private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_.]*");

  private Remedies() {}

  /**
   * Statements that are all needed; empty if none is known.
   *
   * @param site whose column is changed rather than the other's
   */
  static List<String> of(TableName table, SiteColumn site, SiteColumn other, int senders) {
    List<SiteColumn> sites = variants(site, other);
    List<SiteColumn> others = variants(other, site);
    for (SiteColumn a : sites) {
      if (goTogether(a, other, senders)) {
        return sql(table, List.of(a));
      }
    }
    for (SiteColumn b : others) {
      if (goTogether(site, b, senders)) {
        return sql(table, List.of(b));
      }
    }
    for (SiteColumn a : sites) {
      for (SiteColumn b : others) {
        if (goTogether(a, b, senders)) {
          return sql(table, List.of(a, b));
        }
      }
    }
    return List.of();
  }

  private static boolean goTogether(SiteColumn a, SiteColumn b, int senders) {
    return TypeAgreement.refusal(a, b, senders).isEmpty();
  }

  /** What a column could be instead, to suit another. */
  private static List<SiteColumn> variants(SiteColumn site, SiteColumn other) {
    List<SiteColumn> variants = new ArrayList<>();
    Optional<String> counterpart = Counterparts.of(other.type(), site.engine());
    Optional<String> exact = Counterparts.exactlyCompared(site.type());
    for (Optional<String> text : List.of(exact, counterpart)) {
      text.map(t -> ColumnType.of(NativeType.parse(site.engine(), t), site.column().type()))
          .map(site::as)
          .filter(variant -> !(site.identifies() && isTooLongForKey(variant)))
          .ifPresent(variants::add);
    }
    return variants;
  }

  private static boolean isTooLongForKey(SiteColumn column) {
    return column.engine() != DatabaseEngine.POSTGRESQL
        && (column.column().nativeType().startsWith("longtext")
            || column.column().nativeType().startsWith("longblob"));
  }

  private static List<String> sql(TableName table, List<SiteColumn> changed) {
    return changed.stream().map(column -> sql(table, column)).toList();
  }

  private static String sql(TableName table, SiteColumn site) {
    boolean postgres = site.engine() == DatabaseEngine.POSTGRESQL;
    String quote = postgres ? "\"" : "`";
    String name = quoted(table.name(), quote);
    String column = quoted(site.column().name(), quote);
    String type = site.column().nativeType();
    String statement =
        postgres
            ? "ALTER TABLE %s ALTER COLUMN %s TYPE %s".formatted(name, column, type)
            : "ALTER TABLE %s MODIFY %s %s%s"
                .formatted(name, column, type, site.column().nullable() ? "" : " NOT NULL");
    return "at " + site.spoke() + ": " + statement;
  }

  private static String quoted(String name, String quote) {
    return PLAIN.matcher(name).matches()
        ? name
        : quote + name.replace(quote, quote + quote) + quote;
  }
}
