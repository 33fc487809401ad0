package io.spokewire.hub.log;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import io.spokewire.hub.entry.LogEntry;
import java.util.List;

/** What must hold for positions of a log, whatever keeps it. Stateless. */
public final class LogOrder {
  private LogOrder() {}

  /**
   * Checks that entries follow the head without a gap, each part right before its outcome.
   *
   * @return the head after them
   */
  public static Position check(Position head, List<LogEntry> entries) {
    Position last = head;
    boolean open = false;
    for (LogEntry entry : entries) {
      Position position = entry.position();
      if (!position.isSameLogAs(head) || position.number() != last.number() + 1) {
        throw Fault.invariant("contiguous positions", position + " after " + last);
      }
      open = entry instanceof LogEntry.OutcomePart;
      if (!open) {
        last = position;
      }
    }
    if (open) {
      throw Fault.invariant("parts with their outcome", "parts after " + last + " have none");
    }
    return last;
  }

  /** How many parts come before this entry in the log. */
  public static int partsOf(LogEntry entry) {
    return entry instanceof LogEntry.Outcome outcome ? outcome.transaction().stagedChunks() : 0;
  }

  public static Fault trimmedAway(Position after, Position trimmed) {
    return Fault.of(
            FaultKind.INTERNAL,
            "read log",
            "entries after " + after + " are wanted, but all up to " + trimmed + " were trimmed")
        .hint("the spoke that asks was away longer than the log is kept: it needs a resync")
        .build();
  }
}
