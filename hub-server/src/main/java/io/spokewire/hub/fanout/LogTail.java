package io.spokewire.hub.fanout;

import io.spokewire.common.clock.Context;
import io.spokewire.common.fault.Fault;
import io.spokewire.hub.entry.LogEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The most recent entries, in memory, so that a spoke that keeps up costs no read of the store.
 * Holds only what is durable. Parts of staged outcomes are not here; whoever meets a staged outcome
 * reads the store. Safe from any thread.
 */
public final class LogTail {
  private static final int ENTRY_OVERHEAD = 300; // an estimate of an entry's objects, in bytes

  private final long capacityBytes;
  private LogEntry[] ring = new LogEntry[1024]; // by position modulo length
  private final ArrayDeque<Integer> sizes = new ArrayDeque<>();
  private long first; // the first position held; head + 1 when empty
  private long head;
  private long bytes;

  /**
   * @param capacityBytes how much to keep
   */
  public LogTail(long capacityBytes) {
    this.capacityBytes = capacityBytes;
    this.first = 1;
  }

  /** Forgets everything and goes on after this position. */
  public synchronized void reset(long newHead) {
    ring = new LogEntry[1024];
    sizes.clear();
    bytes = 0;
    head = newHead;
    first = newHead + 1;
  }

  /** Adds durable entries that follow the head. */
  public synchronized void append(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.OutcomePart) {
        continue;
      }
      if (entry.position().number() != head + 1) {
        throw Fault.invariant("log tail", entry.position() + " after " + head);
      }
      head++;
      int size = sizeOf(entry);
      if (head - first >= ring.length) {
        grow();
      }
      ring[slot(head)] = entry;
      sizes.addLast(size);
      bytes += size;
    }
    while (bytes > capacityBytes && first < head) {
      bytes -= sizes.removeFirst();
      ring[slot(first)] = null;
      first++;
    }
  }

  /** The last durable position. */
  public synchronized long head() {
    return head;
  }

  /**
   * Entries that follow {@code after}, in order.
   *
   * @param most how many at most
   * @param mostBytes stop after the entry that reaches this
   * @return null when the first of them is no longer here; empty when there is none yet
   */
  public synchronized @Nullable List<LogEntry> read(long after, int most, long mostBytes) {
    if (after + 1 < first) {
      return null;
    }
    List<LogEntry> found = new ArrayList<>((int) Math.max(0, Math.min(most, head - after)));
    long taken = 0;
    for (long number = after + 1;
        number <= head && found.size() < most && taken < mostBytes;
        number++) {
      LogEntry entry = ring[slot(number)];
      found.add(entry);
      taken += sizeOf(entry);
    }
    return found;
  }

  /** Bytes an entry's rows have, with an allowance for the rest. */
  public static int sizeOf(LogEntry entry) {
    return switch (entry) {
      case LogEntry.Outcome e ->
          ENTRY_OVERHEAD
              + e.transaction().rows().bytes().length()
              + e.transaction().context().exceptions().size() * Context.Unseen.MEMORY_BYTES
              + ENTRY_OVERHEAD * (e.resolutions().size() + e.conflicts().size());
      case LogEntry.OutcomePart e ->
          ENTRY_OVERHEAD + e.rows().bytes().length() + ENTRY_OVERHEAD * e.resolutions().size();
      default -> ENTRY_OVERHEAD;
    };
  }

  private int slot(long number) {
    return (int) (number & (ring.length - 1)); // a power of two
  }

  private void grow() {
    LogEntry[] larger = new LogEntry[ring.length * 2];
    for (long number = first; number < head; number++) {
      larger[(int) (number & (larger.length - 1))] = ring[slot(number)];
    }
    ring = larger;
  }
}
