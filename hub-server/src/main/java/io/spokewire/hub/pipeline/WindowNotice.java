package io.spokewire.hub.pipeline;

import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.observe.Notices.Gravity;
import io.spokewire.hub.observe.Notices.Notice;
import io.spokewire.hub.observe.Readable;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Words what the row window's size means for operators. Pure. */
final class WindowNotice {
  private WindowNotice() {}

  /**
   * @param size what the window takes
   * @param whole whether it is in memory at all
   * @param closed whether nobody but the holders is let in
   * @param holders the spokes that hold the frontier back
   * @param since for how long
   * @param tooLarge spokes with a transaction that can never fit
   * @return null when there is nothing to say
   */
  static @Nullable Notice of(
      WindowLimit limit,
      long size,
      boolean whole,
      boolean closed,
      Set<SpokeId> holders,
      Duration since,
      Set<SpokeId> tooLarge) {
    if (!tooLarge.isEmpty()) {
      return new Notice(
          Gravity.BLOCKING,
          "a transaction of "
              + names(tooLarge)
              + " has more rows than fit into "
              + Readable.bytes(limit.alone())
              + " of memory: it waits, and what that site wrote after it",
          "raise resolve.window and the heap");
    }
    String who = holders.isEmpty() ? "" : ", because " + holding(holders, since);
    String remedy =
        holders.isEmpty()
            ? "raise resolve.window and the heap"
            : "start, resume or repair it, or `syncadm topology remove-spoke` it; or raise"
                + " resolve.window and the heap";
    if (!whole) {
      return new Notice(
          Gravity.BLOCKING,
          "no transactions are taken in: the rows that can still be in conflict need more than "
              + Readable.bytes(limit.rebuilt())
              + " of memory"
              + who,
          remedy);
    }
    String room = Readable.bytes(size) + " of " + Readable.bytes(limit.bytes());
    if (closed) {
      return new Notice(
          Gravity.BLOCKING,
          "transactions are not taken in: the rows that can still be in conflict take "
              + room
              + who,
          remedy);
    }
    return size < limit.near()
        ? null
        : new Notice(
            Gravity.WARNING, "the rows that can still be in conflict take " + room + who, remedy);
  }

  private static String holding(Set<SpokeId> holders, Duration since) {
    return names(holders)
        + (holders.size() == 1 ? " has" : " have")
        + " not shown for "
        + Readable.span(since)
        + " what was seen there";
  }

  private static String names(Collection<SpokeId> spokes) {
    return spokes.stream().map(SpokeId::name).sorted().collect(Collectors.joining(", "));
  }
}
