package io.spokewire.agent.capture.mysql;

import io.spokewire.common.id.SourcePosition;
import java.util.Map;
import java.util.TreeMap;

/**
 * MariaDB's position: the last transaction of each domain, {@code 0-1-17,3-1-4}. Where XA work is
 * prepared and undecided, the place before the first such follows behind a semicolon: reading must
 * begin there to meet it again.
 */
final class MariaDbGtids implements GtidSet {
  private final Map<Long, long[]> byDomain = new TreeMap<>();
  private String undecidedSince = "";

  static MariaDbGtids parse(String text) {
    MariaDbGtids set = new MariaDbGtids();
    int semicolon = text.indexOf(';');
    for (String part : (semicolon < 0 ? text : text.substring(0, semicolon)).split(",")) {
      if (!part.isBlank()) {
        String[] pieces = part.strip().split("-");
        set.add(Long.parseLong(pieces[0]), Long.parseLong(pieces[1]), Long.parseLong(pieces[2]));
      }
    }
    if (semicolon >= 0) {
      set.undecidedSince = text.substring(semicolon + 1);
    }
    return set;
  }

  void add(long domain, long server, long sequence) {
    byDomain.put(domain, new long[] {server, sequence});
  }

  /** Whether the transaction lies at this place or before it. */
  boolean covers(long domain, long sequence) {
    long[] last = byDomain.get(domain);
    return last != null && sequence <= last[1];
  }

  /**
   * Whether a server has written, or taken over, all that lies up to here.
   *
   * @param state its {@code gtid_binlog_state}: the last of each domain and server
   */
  boolean isKnownTo(String state) {
    Map<String, Long> last = new TreeMap<>();
    for (String part : state.split(",")) {
      int dash = part.lastIndexOf('-');
      if (dash > 0) {
        last.put(part.substring(0, dash).strip(), Long.parseLong(part.substring(dash + 1).strip()));
      }
    }
    return byDomain.entrySet().stream()
        .allMatch(
            entry ->
                last.getOrDefault(entry.getKey() + "-" + entry.getValue()[0], -1L)
                    >= entry.getValue()[1]);
  }

  /** Empty if nothing is undecided. */
  void undecidedSince(String text) {
    undecidedSince = text;
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    byDomain.forEach(
        (domain, last) ->
            text.append(text.isEmpty() ? "" : ",")
                .append(domain)
                .append('-')
                .append(last[0])
                .append('-')
                .append(last[1]));
    return text.toString();
  }

  @Override
  public String resumeText() {
    return undecidedSince.isEmpty() ? text() : undecidedSince;
  }

  @Override
  public SourcePosition position() {
    long count = 0;
    for (long[] last : byDomain.values()) {
      count += last[1];
    }
    return GtidToken.of(count, text() + (undecidedSince.isEmpty() ? "" : ";" + undecidedSince));
  }
}
