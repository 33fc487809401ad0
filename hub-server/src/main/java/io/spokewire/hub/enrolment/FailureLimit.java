package io.spokewire.hub.enrolment;

import io.spokewire.common.clock.TimeSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts failed joins per address and minute. An address that failed too often waits for the minute
 * to end; others are not held up by it. Remembers a bounded number of addresses, the least recent
 * go first. Safe from any thread.
 */
public final class FailureLimit {
  private static final long MINUTE_NANOS = 60_000_000_000L;
  private static final int ADDRESSES = 10_000;

  private final int perMinute;
  private final TimeSource time;
  private final Map<String, Failures> byAddress = new LinkedHashMap<>(16, 0.75f, true);

  private record Failures(long since, int count) {}

  public FailureLimit(int perMinute, TimeSource time) {
    this.perMinute = perMinute;
    this.time = time;
  }

  public synchronized boolean allows(String address) {
    Failures failures = byAddress.get(address);
    return failures == null || isOver(failures) || failures.count() < perMinute;
  }

  public synchronized void failed(String address) {
    Failures before = byAddress.get(address);
    Failures after =
        before == null || isOver(before)
            ? new Failures(time.nanos(), 1)
            : new Failures(before.since(), before.count() + 1);
    byAddress.put(address, after);
    if (byAddress.size() > ADDRESSES) {
      byAddress.remove(byAddress.keySet().iterator().next());
    }
  }

  private boolean isOver(Failures failures) {
    return time.nanos() - failures.since() > MINUTE_NANOS;
  }
}
