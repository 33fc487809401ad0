package io.spokewire.simulation;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.queue.DurableQueue;

/** A queue whose owner may die right before and after each write. */
final class CrashableQueue implements DurableQueue {
  private final DurableQueue disk;
  private final KillSwitch kill;

  CrashableQueue(DurableQueue disk, KillSwitch kill) {
    this.disk = disk;
    this.kill = kill;
  }

  @Override
  public long append(Bytes entry) {
    kill.point();
    long index = disk.append(entry);
    kill.point();
    return index;
  }

  @Override
  public void sync() {
    kill.point();
    disk.sync();
    kill.point();
  }

  @Override
  public long lastIndex() {
    return disk.lastIndex();
  }

  @Override
  public Reader readFrom(long index) {
    return disk.readFrom(index);
  }

  @Override
  public void trimBefore(long index) {
    kill.point();
    disk.trimBefore(index);
  }

  @Override
  public long sizeInBytes() {
    return disk.sizeInBytes();
  }

  @Override
  public void close() {}
}
