package io.spokewire.simulation;

import java.util.PriorityQueue;

/** What happens when, in virtual microseconds. Things of the same moment happen in their order. */
final class Schedule {
  private record Event(long micros, long order, Runnable action) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          (a, b) ->
              a.micros != b.micros
                  ? Long.compare(a.micros, b.micros)
                  : Long.compare(a.order, b.order));
  private long now;
  private long order;
  private long steps;

  long now() {
    return now;
  }

  /** Nothing more happens. */
  void clear() {
    events.clear();
  }

  /** How many things have happened. */
  long steps() {
    return steps;
  }

  void at(long micros, Runnable action) {
    events.add(new Event(Math.max(now, micros), order++, action));
  }

  void after(long micros, Runnable action) {
    at(now + micros, action);
  }

  /** Lets everything happen up to a moment. */
  void runUntil(long micros) {
    while (!events.isEmpty() && events.peek().micros <= micros) {
      Event next = events.remove();
      now = next.micros;
      steps++;
      next.action.run();
    }
    now = Math.max(now, micros);
  }
}
