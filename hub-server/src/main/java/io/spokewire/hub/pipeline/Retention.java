package io.spokewire.hub.pipeline;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.Notices.Gravity;
import io.spokewire.hub.observe.Notices.Notice;
import io.spokewire.hub.observe.Notices.Subject;
import io.spokewire.hub.observe.Readable;
import io.spokewire.hub.topology.LogTimes;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Says which spokes lack changes for longer than the log is kept for anybody: the log and the
 * window can't wait for them for ever. Tells of it from four fifths of the time on. A spoke that is
 * on its way, attached and nearer than it was, is left to arrive. Owned by the sequencing loop.
 */
final class Retention {
  private static final Duration LONGEST_PACE = Duration.ofHours(1);
  private static final Duration LONGEST_REST = Duration.ofMinutes(5);

  private final ChannelState state;
  private final Members members;
  private final SpokeBoard board;
  private final LogTimes times;
  private final Notices notices;
  private final TimeSource time;
  private final Duration maxAge;
  private final Map<SpokeId, Progress> progress = new HashMap<>();
  private long lastLook;
  private long lastNote;

  private record Progress(long position, long nanos) {}

  /**
   * A spoke that lacks changes for too long.
   *
   * @param reason for people
   */
  record Expired(SpokeId spoke, String reason) {}

  Retention(
      ChannelState state,
      Members members,
      SpokeBoard board,
      LogTimes times,
      Notices notices,
      TimeSource time,
      Duration maxAge) {
    this.state = state;
    this.members = members;
    this.board = board;
    this.times = times;
    this.notices = notices;
    this.time = time;
    this.maxAge = maxAge;
    this.lastLook = time.nanos();
    this.lastNote = lastLook - LONGEST_PACE.toNanos();
  }

  /** Now and then; mostly there is nobody. */
  List<Expired> look() {
    long now = time.nanos();
    if (now - lastLook < Duration.ofSeconds(1).toNanos()) {
      return List.of();
    }
    lastLook = now;
    note(now);
    List<Expired> expired = new ArrayList<>();
    long slowest = state.head().number();
    for (Spoke spoke : members.all()) {
      if (!Members.isMember(spoke)) {
        notices.clear(subject(spoke.id()));
        continue;
      }
      long holds = state.holds(spoke);
      slowest = Math.min(slowest, holds);
      look(spoke, holds, now, expired);
    }
    times.forgetThrough(slowest);
    return expired;
  }

  void forget(SpokeId spoke) {
    progress.remove(spoke);
    notices.clear(subject(spoke));
  }

  private void note(long now) {
    Duration pace = maxAge.dividedBy(100);
    pace = pace.compareTo(LONGEST_PACE) < 0 ? pace : LONGEST_PACE;
    if (now - lastNote >= pace.toNanos()) {
      lastNote = now;
      times.note(state.head().number(), time.epochMicros());
    }
  }

  private void look(Spoke spoke, long holds, long now, List<Expired> expired) {
    Progress before = progress.get(spoke.id());
    if (before == null || before.position() != holds) {
      progress.put(spoke.id(), new Progress(holds, now));
    }
    OptionalLong since =
        holds < state.head().number() ? times.loggedBy(holds + 1) : OptionalLong.empty();
    Duration age =
        since.isEmpty()
            ? Duration.ZERO
            : Duration.ofNanos((time.epochMicros() - since.getAsLong()) * 1000);
    if (age.compareTo(maxAge) >= 0 && !isOnItsWay(spoke, before, now)) {
      expired.add(
          new Expired(
              spoke.id(),
              "it was away too long: it lacks what was logged after position "
                  + holds
                  + ", and the log waits "
                  + Readable.span(maxAge)
                  + " for a spoke (log.max_age); compare its tables and start it anew"));
    } else if (age.compareTo(maxAge.multipliedBy(4).dividedBy(5)) >= 0) {
      notices.raise(
          subject(spoke.id()),
          new Notice(
              Gravity.WARNING,
              spoke.id()
                  + " lacks changes for "
                  + Readable.span(age)
                  + "; after "
                  + Readable.span(maxAge)
                  + " it needs a resync",
              "start, resume or repair it in time, or raise log.max_age"));
    } else {
      notices.clear(subject(spoke.id()));
    }
  }

  private boolean isOnItsWay(Spoke spoke, @Nullable Progress before, long now) {
    Duration rest = maxAge.dividedBy(10);
    rest = rest.compareTo(LONGEST_REST) < 0 ? rest : LONGEST_REST;
    Progress last = progress.get(spoke.id());
    return before != null
        && last != null
        && now - last.nanos() < rest.toNanos()
        && board.of(spoke.id()).connected()
        && !spoke.paused();
  }

  private static Subject subject(SpokeId spoke) {
    return new Subject("retention", spoke.name());
  }
}
