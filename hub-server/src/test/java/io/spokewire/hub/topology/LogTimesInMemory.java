package io.spokewire.hub.topology;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Log times without a disk. */
public final class LogTimesInMemory implements LogTimes {
  private final TreeMap<Long, Long> micros = new TreeMap<>();

  @Override
  public void note(long position, long now) {
    micros.putIfAbsent(position, now);
  }

  @Override
  public OptionalLong loggedBy(long position) {
    Map.Entry<Long, Long> next = micros.ceilingEntry(position);
    return next == null ? OptionalLong.empty() : OptionalLong.of(next.getValue());
  }

  @Override
  public void forgetThrough(long position) {
    micros.headMap(position, true).clear();
  }
}
