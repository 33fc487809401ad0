package io.spokewire.hub.pipeline;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.Notices.Gravity;
import io.spokewire.hub.observe.Notices.Notice;
import io.spokewire.hub.observe.Notices.Subject;
import io.spokewire.hub.observe.Readable;
import io.spokewire.hub.observe.WindowMeter;
import io.spokewire.hub.resolve.Resolver.WindowSize;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks now and then how large the row window is and who keeps it from shrinking, and says so once
 * rows had to leave memory. Owned by the sequencing loop.
 */
final class WindowWatch {
  private static final Subject WINDOW = new Subject("window", "");
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  private final ChannelState state;
  private final long limit;
  private final Notices notices;
  private final WindowMeter meter;
  private final TimeSource time;
  private long lastLook;
  private long lastFrontier;
  private long frontierSince;

  /**
   * @param limit how many bytes of memory the window may take
   */
  WindowWatch(ChannelState state, long limit, Notices notices, WindowMeter meter, TimeSource time) {
    this.state = state;
    this.limit = limit;
    this.notices = notices;
    this.meter = meter;
    this.time = time;
    this.frontierSince = time.nanos();
    this.lastLook = frontierSince - LOOK_NANOS;
  }

  void look() {
    long now = time.nanos();
    if (now - lastLook < LOOK_NANOS) {
      return;
    }
    lastLook = now;
    long frontier = state.resolvedFrontier();
    if (frontier != lastFrontier) {
      lastFrontier = frontier;
      frontierSince = now;
    }
    WindowSize size = state.resolver().size();
    meter.write(new WindowMeter.Reading(size.bytes(), limit, size.cold()));
    if (size.cold() == 0) {
      notices.clear(WINDOW);
    } else {
      notices.raise(WINDOW, notice(size.cold(), Duration.ofNanos(now - frontierSince)));
    }
  }

  private Notice notice(long cold, Duration since) {
    Set<SpokeId> holders = state.holders();
    String what =
        cold
            + " rows that can still be in conflict lie on disk, beyond the "
            + Readable.bytes(limit)
            + " of memory for them";
    if (holders.isEmpty()) {
      return new Notice(Gravity.WARNING, what, "raise resolve.window and the heap if it stays so");
    }
    return new Notice(
        Gravity.WARNING,
        what
            + ": "
            + holders.stream().map(SpokeId::name).sorted().collect(Collectors.joining(", "))
            + (holders.size() == 1 ? " has" : " have")
            + " not shown for "
            + Readable.span(since)
            + " what was seen there",
        "writes to them cost a look at the disk; start, resume or repair the spoke, or `syncadm"
            + " topology remove-spoke` it");
  }
}
