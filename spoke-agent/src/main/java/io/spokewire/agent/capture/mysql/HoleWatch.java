package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.mysql.IdSnapshot.Range;
import io.spokewire.common.clock.TimeSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds out which holes in the change log's numbers stay holes: those of transactions that were
 * rolled back. A number is given out to a transaction that writes already; so once every
 * transaction that wrote when the hole was known has ended, and the hole is there after that,
 * nothing comes into it. Time proves nothing. One thread.
 */
final class HoleWatch {
  /** Longer than what the server says of its transactions may be old. */
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final MyChangeLog log;
  private final TimeSource time;
  private Step step = Step.CHOOSE;
  private List<Range> watched = List.of();
  private Set<String> writing = Set.of();
  private long since;

  private enum Step {
    /** Take the holes that are known. */
    CHOOSE,
    /** Ask who writes; whoever left them is among those, or has ended. */
    ASK,
    /** Wait until they all have ended. */
    AWAIT,
    /** Look once more whether the holes are there. */
    LOOK
  }

  HoleWatch(MyChangeLog log, TimeSource time) {
    this.log = log;
    this.time = time;
    this.since = time.nanos();
  }

  /**
   * Which of the holes are dead.
   *
   * @param holes as a look just now left them
   */
  List<Range> dead(List<Range> holes) throws SQLException {
    if (time.nanos() - since < PAUSE_NANOS) {
      return List.of();
    }
    since = time.nanos();
    switch (step) {
      case CHOOSE -> {
        watched = holes;
        step = holes.isEmpty() ? Step.CHOOSE : Step.ASK;
      }
      case ASK -> {
        Optional<Set<String>> active = log.active();
        if (active.isPresent()) { // else we may not ask: every hole is looked into for ever
          writing = active.get();
          step = Step.AWAIT;
        }
      }
      case AWAIT -> {
        Set<String> left = new HashSet<>(writing);
        left.retainAll(log.active().orElse(writing));
        writing = left;
        step = left.isEmpty() ? Step.LOOK : Step.AWAIT;
      }
      case LOOK -> {
        step = Step.CHOOSE;
        List<Range> dead = new ArrayList<>(watched);
        dead.retainAll(holes); // one that was filled in part is another one now
        return dead;
      }
    }
    return List.of();
  }
}
