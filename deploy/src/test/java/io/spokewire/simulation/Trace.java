package io.spokewire.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The last things that happened, and a digest of all of them: equal for equal seeds. */
final class Trace {
  private static final int KEPT = 60;

  private final Schedule schedule;
  private final Deque<String> lines = new ArrayDeque<>();
  private long digest = 1125899906842597L;
  private final boolean printed;

  /**
   * @param printed whether each line is printed as it comes, with details
   */
  Trace(Schedule schedule, boolean printed) {
    this.schedule = schedule;
    this.printed = printed;
  }

  /** Something that only who prints everything wants to know. */
  void detail(String who, Supplier<String> what) {
    if (printed) {
      System.out.println(line(who, what.get()));
    }
  }

  void note(String who, String what) {
    String line = line(who, what);
    if (printed) {
      System.out.println(line);
    }
    for (int i = 0; i < line.length(); i++) {
      digest = 31 * digest + line.charAt(i);
    }
    lines.addLast(line);
    if (lines.size() > KEPT) {
      lines.removeFirst();
    }
  }

  private String line(String who, String what) {
    return String.format(Locale.ROOT, "%9.3f %-8s %s", schedule.now() / 1e6, who, what);
  }

  List<String> last() {
    return List.copyOf(lines);
  }

  long digest() {
    return digest;
  }
}
