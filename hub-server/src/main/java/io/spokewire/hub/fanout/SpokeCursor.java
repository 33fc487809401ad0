package io.spokewire.hub.fanout;

import io.spokewire.common.fault.Fault;
import java.util.ArrayDeque;

/**
 * How far one spoke is served: an explicit state machine with a bounded window, after the progress
 * of etcd's raft (tracker/progress.go). No I/O, no clock; owned by one thread.
 *
 * <p>Invariant: {@code applied < next}; everything between them that holds something for the spoke
 * is in flight.
 */
public final class SpokeCursor {
  private final Window window;
  private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();

  private State state = State.PROBE;
  private long next;
  private long applied;
  private int entriesInFlight;
  private long bytesInFlight;

  /**
   * @param after what the spoke durably holds: the first entry it is sent follows it
   */
  public SpokeCursor(long after, Window window) {
    this.next = after + 1;
    this.applied = after;
    this.window = window;
  }

  /** What may be sent. */
  public enum State {
    /** Just begun: one batch at a time until the spoke has shown that it applies. */
    PROBE,
    /** As much as the window allows. */
    REPLICATE,
    /** Nothing, until somebody resumes it. */
    PAUSED
  }

  /**
   * How much may be in flight.
   *
   * @param entries at most, at least 1
   * @param bytes at most; one batch may go beyond
   */
  public record Window(int entries, long bytes) {}

  public State state() {
    return state;
  }

  /** The position to send next. */
  public long next() {
    return next;
  }

  /** Durable at the spoke up to here. */
  public long applied() {
    return applied;
  }

  public boolean maySend() {
    return switch (state) {
      case PAUSED -> false;
      case PROBE -> inFlight.isEmpty();
      case REPLICATE -> entriesInFlight < window.entries() && bytesInFlight < window.bytes();
    };
  }

  /** Everything sent is applied, so far as it held anything. */
  public boolean isIdle() {
    return inFlight.isEmpty();
  }

  /**
   * Commit time of the first entry of the oldest batch in flight, microseconds since 1970; 0 when
   * nothing is.
   */
  public long oldestMicros() {
    InFlight oldest = inFlight.peekFirst();
    return oldest == null ? 0 : oldest.firstMicros();
  }

  /**
   * A batch was handed on.
   *
   * @param through the last position it covers
   * @param lastEntry the last position that held something, which may be one beyond {@code through}
   *     when parts of it are still to come; 0 for none
   * @param entries how many held something
   * @param firstMicros commit time of the first of them
   */
  public void sent(long through, long lastEntry, int entries, long bytes, long firstMicros) {
    if (through < next - 1 || lastEntry > through + 1) {
      throw Fault.invariant(
          "cursor", "sent through " + through + " (" + lastEntry + ") when " + next + " is next");
    }
    next = through + 1;
    if (entries > 0) {
      inFlight.addLast(new InFlight(lastEntry, entries, bytes, firstMicros));
      entriesInFlight += entries;
      bytesInFlight += bytes;
    }
  }

  /**
   * The spoke durably holds everything up to here.
   *
   * @return whether the window opened
   */
  public boolean applied(long position) {
    if (position <= applied) {
      return false;
    }
    applied = position;
    next = Math.max(next, position + 1); // sent before a pause, reported after it
    boolean mayBefore = maySend();
    while (!inFlight.isEmpty() && inFlight.getFirst().last() <= position) {
      InFlight done = inFlight.removeFirst();
      entriesInFlight -= done.entries();
      bytesInFlight -= done.bytes();
      if (state == State.PROBE) {
        state = State.REPLICATE;
      }
    }
    return !mayBefore && maySend();
  }

  /** Stops sending. What is in flight is forgotten: after a pause it is sent again. */
  public void pause() {
    state = State.PAUSED;
    inFlight.clear();
    entriesInFlight = 0;
    bytesInFlight = 0;
    next = applied + 1;
  }

  /** Sends again, from what the spoke durably holds. */
  public void resume() {
    if (state == State.PAUSED) {
      state = State.PROBE;
    }
  }

  private record InFlight(long last, int entries, long bytes, long firstMicros) {}
}
