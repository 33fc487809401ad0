package io.spokewire.agent.capture.mysql;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * MySQL's set: {@code uuid:1-17:19,…}. XA work that is prepared and undecided is left out of it.
 */
final class MySqlGtids implements GtidSet {
  private final Map<String, List<long[]>> byServer = new TreeMap<>();
  private long count;

  static MySqlGtids parse(String text) {
    MySqlGtids set = new MySqlGtids();
    for (String part : text.replaceAll("\\s", "").split(",")) {
      if (part.isEmpty()) {
        continue;
      }
      String[] pieces = part.split(":");
      for (int i = 1; i < pieces.length; i++) {
        if (!Character.isDigit(pieces[i].charAt(0))) {
          throw Fault.of(FaultKind.REFUSED, "capture", "GTIDs with tags can't be read yet: " + part)
              .hint("do not set gtid_next = 'AUTOMATIC:tag'")
              .build();
        }
        int dash = pieces[i].indexOf('-');
        long first = Long.parseLong(dash < 0 ? pieces[i] : pieces[i].substring(0, dash));
        long last = dash < 0 ? first : Long.parseLong(pieces[i].substring(dash + 1));
        set.add(pieces[0].toLowerCase(Locale.ROOT), first, last);
      }
    }
    return set;
  }

  void add(String server, long number) {
    add(server, number, number);
  }

  private void add(String server, long first, long last) {
    List<long[]> ranges = byServer.computeIfAbsent(server, s -> new ArrayList<>());
    if (!ranges.isEmpty() && ranges.getLast()[1] == first - 1) {
      ranges.getLast()[1] = last; // how nearly all come
      count += last - first + 1;
      return;
    }
    long from = first;
    long to = last;
    int at = 0;
    Iterator<long[]> each = ranges.iterator();
    while (each.hasNext()) {
      long[] range = each.next();
      if (range[1] < from - 1) {
        at++;
      } else if (range[0] <= to + 1) {
        from = Math.min(from, range[0]);
        to = Math.max(to, range[1]);
        count -= range[1] - range[0] + 1;
        each.remove();
      } else {
        break;
      }
    }
    ranges.add(at, new long[] {from, to});
    count += to - from + 1;
  }

  boolean contains(String server, long number) {
    return byServer.getOrDefault(server, List.of()).stream()
        .anyMatch(range -> range[0] <= number && number <= range[1]);
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    byServer.forEach(
        (server, ranges) -> {
          text.append(text.isEmpty() ? "" : ",").append(server);
          for (long[] range : ranges) {
            text.append(':').append(range[0]);
            if (range[1] > range[0]) {
              text.append('-').append(range[1]);
            }
          }
        });
    return text.toString();
  }

  @Override
  public String resumeText() {
    return text();
  }

  @Override
  public SourcePosition position() {
    return GtidToken.of(count, text());
  }
}
