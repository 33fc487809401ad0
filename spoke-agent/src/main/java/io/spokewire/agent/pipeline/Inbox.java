package io.spokewire.agent.pipeline;

import io.spokewire.agent.stream.Delivery;
import io.spokewire.agent.stream.HubSession;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The hand-off from the link to the apply loop, bounded by bytes: when it is full the link stops
 * asking the connection for more, and the hub stops sending. Nothing is ever dropped from it except
 * by {@link #restart} and {@link #suspend}, after which the hub sends again.
 *
 * <p>Threading: {@code put}, {@code restart}, {@code suspend} and {@code resume} by the link's
 * threads, {@code poll} by the apply loop.
 */
final class Inbox {
  /** A batch and the position after which it begins. */
  record Item(HubSession session, long after, Delivery delivery) {}

  private final long capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Deque<Item> items = new ArrayDeque<>();
  private @Nullable HubSession session;
  private boolean suspended;
  private long through;
  private long bytes;

  Inbox(long capacity) {
    this.capacity = capacity;
  }

  /**
   * A session begins: its first batch follows {@code after}. What is left of an earlier one goes.
   */
  void restart(HubSession next, long after) {
    lock.lock();
    try {
      items.clear();
      bytes = 0;
      session = next;
      suspended = false;
      through = after;
    } finally {
      lock.unlock();
    }
  }

  /** The hub goes on after a pause: its next batch follows {@code after}. */
  void resume(HubSession of, long after) {
    lock.lock();
    try {
      if (session == of) {
        suspended = false;
        through = after;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The hub pauses: what is left here is dropped, and so is what comes before {@link #resume},
   * since it is all sent again. A full inbox would keep the connection from reading the very word
   * that ends the pause.
   */
  void suspend(HubSession of) {
    lock.lock();
    try {
      if (session != of) {
        return;
      }
      suspended = true;
      items.clear();
      bytes = 0;
    } finally {
      lock.unlock();
    }
    of.receiveMore();
  }

  /** Takes a batch; false if there is no room for another one now. */
  boolean put(HubSession from, Delivery delivery) {
    lock.lock();
    try {
      if (from != session || suspended) {
        return true;
      }
      items.add(new Item(from, through, delivery));
      through = delivery.through();
      bytes += delivery.bytes();
      filled.signal();
      return bytes < capacity;
    } finally {
      lock.unlock();
    }
  }

  /** The next batch, or null if none came within the time. */
  @Nullable Item poll(long nanos) throws InterruptedException {
    Item item;
    boolean room;
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (items.isEmpty()) {
        if (left <= 0) {
          return null;
        }
        left = filled.awaitNanos(left);
      }
      boolean wasFull = bytes >= capacity;
      item = items.remove();
      bytes -= item.delivery().bytes();
      room = wasFull && bytes < capacity;
    } finally {
      lock.unlock();
    }
    if (room) {
      item.session().receiveMore();
    }
    return item;
  }

  /** For loops that must not wait longer than this at a time. */
  static final long SHORT = TimeUnit.MILLISECONDS.toNanos(50);
}
