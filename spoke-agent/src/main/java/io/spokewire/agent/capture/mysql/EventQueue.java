package io.spokewire.agent.capture.mysql;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Between the thread that reads the network and the one that takes events: so many bytes and no
 * more, then the reader waits. One thread puts, one takes, any closes.
 */
final class EventQueue {
  private static final long MOST_BYTES = 8 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition drained = lock.newCondition();
  private Queue<BinlogEvent> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  /** What was taken out together, and is given one by one; the taker's. */
  private Queue<BinlogEvent> taken = new ArrayDeque<>();

  /** Waits while there is no room; false once closed. */
  boolean put(BinlogEvent event) {
    lock.lock();
    try {
      while (bytes > MOST_BYTES && !closed) {
        drained.awaitUninterruptibly();
      }
      if (closed) {
        return false;
      }
      waiting.add(event);
      bytes += event.length() + 64L;
      filled.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The next event, or null if none came in time. */
  @Nullable BinlogEvent take(long nanos) throws InterruptedException {
    BinlogEvent next = taken.poll();
    if (next != null) {
      return next;
    }
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (waiting.isEmpty() && !closed) {
        if (left <= 0) {
          return null;
        }
        left = filled.awaitNanos(left);
      }
      Queue<BinlogEvent> all = waiting;
      waiting = taken;
      taken = all;
      bytes = 0;
      drained.signalAll();
    } finally {
      lock.unlock();
    }
    return taken.poll();
  }

  /** Wakes whoever waits; what is in it can still be taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      filled.signalAll();
      drained.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
