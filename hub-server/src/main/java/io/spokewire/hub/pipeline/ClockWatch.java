package io.spokewire.hub.pipeline;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.Notices.Gravity;
import io.spokewire.hub.observe.Notices.Notice;
import io.spokewire.hub.observe.Notices.Subject;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Warns of clocks that are off: an agent's, by its heartbeats, and a database's, by transactions
 * that claim to be of the future and had to be cut. One notice for each spoke, from when it begins
 * until it was well for a while. Owned by the sequencing loop.
 */
final class ClockWatch {
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();
  private static final String HINT =
      "check NTP there and at the hub: last_write_wins prefers whose clock is ahead";

  private final Members members;
  private final SpokeBoard board;
  private final Notices notices;
  private final TimeSource time;
  private final long maxSkewMicros;
  private final Map<SpokeId, Cut> cuts = new HashMap<>();
  private final Map<SpokeId, Long> lastOff = new HashMap<>();
  private long lastLook;

  private record Cut(long nanos, long aheadMicros) {}

  ClockWatch(
      Members members, SpokeBoard board, Notices notices, TimeSource time, Duration maxSkew) {
    this.members = members;
    this.board = board;
    this.notices = notices;
    this.time = time;
    this.maxSkewMicros = maxSkew.toNanos() / 1000;
    this.lastLook = time.nanos();
  }

  /** A transaction's time was cut, because it was so far ahead of the hub's clock. */
  void cut(SpokeId spoke, long aheadMicros) {
    cuts.put(spoke, new Cut(time.nanos(), aheadMicros));
  }

  void look() {
    long now = time.nanos();
    if (now - lastLook < LOOK_NANOS) {
      return;
    }
    lastLook = now;
    cuts.values().removeIf(cut -> now - cut.nanos() >= QUIET_NANOS);
    for (Spoke spoke : members.all()) {
      look(spoke.id(), now);
    }
  }

  void forget(SpokeId spoke) {
    cuts.remove(spoke);
    lastOff.remove(spoke);
    notices.clear(subject(spoke));
  }

  private void look(SpokeId spoke, long now) {
    SpokeBoard.Reading reading = board.of(spoke);
    long offset = reading.connected() ? reading.clockOffsetMicros() : 0;
    Cut cut = cuts.get(spoke);
    if (Math.abs(offset) > maxSkewMicros) {
      lastOff.put(spoke, now);
      notices.raise(
          subject(spoke),
          new Notice(
              Gravity.WARNING,
              spoke
                  + "'s clock is "
                  + seconds(Math.abs(offset))
                  + (offset > 0 ? " ahead of" : " behind")
                  + " the hub's",
              HINT));
    } else if (cut != null) {
      lastOff.put(spoke, now);
      notices.raise(
          subject(spoke),
          new Notice(
              Gravity.WARNING,
              "transactions of "
                  + spoke
                  + " bear times "
                  + seconds(cut.aheadMicros())
                  + " ahead of the hub's clock, and count as no later than it",
              HINT));
    } else if (lastOff.containsKey(spoke) && now - lastOff.get(spoke) >= QUIET_NANOS) {
      lastOff.remove(spoke);
      notices.clear(subject(spoke));
    }
  }

  private static Subject subject(SpokeId spoke) {
    return new Subject("clock", spoke.name());
  }

  private static String seconds(long micros) {
    return String.format(Locale.ROOT, "%.1f s", micros / 1e6);
  }
}
