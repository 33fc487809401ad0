package io.spokewire.hub.pipeline;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableDescription.Generator;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.stream.TableReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Generators of two sites that will give the same number to different rows. Pure. */
final class CollidingNumbers {
  private CollidingNumbers() {}

  /** Whose numbers a column gets. */
  private record Site(SpokeId spoke, Generator generator) {
    private long from() {
      return Math.min(generator.first(), generator.last());
    }

    private long to() {
      return Math.max(generator.first(), generator.last());
    }

    boolean meets(Site other) {
      if (from() > other.to() || other.from() > to()) {
        return false;
      }
      long common = gcd(generator.step(), other.generator.step());
      return Math.floorMod(generator.first(), common)
          == Math.floorMod(other.generator.first(), common);
    }

    String numbers() {
      return "%s (%d, %d, ...)"
          .formatted(spoke, generator.first(), generator.first() + generator.step());
    }
  }

  /**
   * A line for each column of which two sites give the same numbers.
   *
   * @param reports what spokes said of their tables
   * @param sends which of them send rows to others
   */
  static List<String> of(Map<SpokeId, TableReport> reports, Predicate<SpokeId> sends) {
    Map<String, List<Site>> byColumn = new TreeMap<>();
    new TreeMap<>(reports)
        .forEach(
            (spoke, report) -> {
              if (sends.test(spoke)) {
                sort(spoke, report, byColumn);
              }
            });
    List<String> lines = new ArrayList<>();
    byColumn.forEach(
        (column, sites) -> {
          List<String> meeting =
              sites.stream()
                  .filter(one -> sites.stream().anyMatch(two -> one != two && one.meets(two)))
                  .map(Site::numbers)
                  .toList();
          if (!meeting.isEmpty()) {
            lines.add(
                column
                    + ": the same numbers are given at "
                    + String.join(" and ", meeting)
                    + " (another START at each site with one INCREMENT for all: PostgreSQL: ALTER"
                    + " SEQUENCE ... INCREMENT BY 10 START WITH n RESTART WITH n; MySQL, MariaDB:"
                    + " SET GLOBAL auto_increment_increment = 10, auto_increment_offset = n;)");
          }
        });
    return lines;
  }

  private static void sort(SpokeId spoke, TableReport report, Map<String, List<Site>> byColumn) {
    for (TableDescription table : report.tables()) {
      for (Generator generator : table.generators()) {
        byColumn
            .computeIfAbsent(name(table.table(), generator), c -> new ArrayList<>())
            .add(new Site(spoke, generator));
      }
    }
  }

  private static String name(TableName table, Generator generator) {
    return table + "." + generator.column();
  }

  private static long gcd(long a, long b) {
    return b == 0 ? Math.abs(a) : gcd(b, a % b);
  }
}
