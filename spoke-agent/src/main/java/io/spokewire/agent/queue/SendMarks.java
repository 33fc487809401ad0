package io.spokewire.agent.queue;

import io.spokewire.common.id.Sequence;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Where transactions begin in the queue, sparsely: one mark for every so many bytes, so that an
 * outbox that grew for days costs kilobytes of heap. Marks ascend in every part. Thread-safe:
 * capture adds, the uplink looks up and drops.
 */
final class SendMarks {
  private final Deque<Mark> marks = new ArrayDeque<>();
  private final long spacing;

  /**
   * @param spacing least bytes between two marks
   */
  SendMarks(long spacing) {
    this.spacing = spacing;
  }

  /**
   * The records that lead to transaction {@code sequence} (shapes and marks before it, its chunks)
   * begin at {@code index}, after {@code bytesBefore} bytes of earlier records.
   */
  record Mark(Sequence sequence, long index, long bytesBefore) {}

  synchronized void add(Sequence sequence, long index, long bytesBefore) {
    if (marks.isEmpty() || bytesBefore - marks.getLast().bytesBefore() >= spacing) {
      marks.addLast(new Mark(sequence, index, bytesBefore));
    }
  }

  /** Forgets all marks and begins with this one. */
  synchronized void restart(Sequence sequence, long index, long bytesBefore) {
    marks.clear();
    marks.add(new Mark(sequence, index, bytesBefore));
  }

  /** The last mark at or before what leads to {@code next}; the first one if all are after it. */
  synchronized Mark at(Sequence next) {
    Iterator<Mark> descending = marks.descendingIterator();
    while (descending.hasNext()) {
      Mark mark = descending.next();
      if (!mark.sequence().isAfter(next)) {
        return mark;
      }
    }
    return marks.getFirst();
  }

  synchronized Mark first() {
    return marks.getFirst();
  }

  /** Drops the marks that are not needed to find {@code next}; returns the first one left. */
  synchronized Mark dropBefore(Sequence next) {
    Mark first = marks.removeFirst();
    while (!marks.isEmpty() && !marks.getFirst().sequence().isAfter(next)) {
      first = marks.removeFirst();
    }
    marks.addFirst(first);
    return first;
  }
}
