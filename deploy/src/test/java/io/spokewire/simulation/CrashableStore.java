package io.spokewire.simulation;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.log.InMemoryHubStore;
import java.util.List;
import java.util.function.Consumer;

/**
 * A hub's store, whose disk may be full for a while, fail before or after it took a group, and
 * whose owner may die at each of its steps. Whoever watches is shown every entry once it is
 * durable.
 */
final class CrashableStore implements HubStore {
  private final InMemoryHubStore disk;
  private final World world;
  private final KillSwitch kill;
  private final Consumer<LogEntry> watcher;

  CrashableStore(InMemoryHubStore disk, World world, KillSwitch kill, Consumer<LogEntry> watcher) {
    this.disk = disk;
    this.world = world;
    this.kill = kill;
    this.watcher = watcher;
  }

  @Override
  public Position head() {
    return disk.head();
  }

  @Override
  public Position trimmedThrough() {
    return disk.trimmedThrough();
  }

  @Override
  public Recovered recover() {
    kill.point();
    return disk.recover();
  }

  @Override
  public void commit(LogGroup group) {
    kill.point();
    if (world.faults.hubDiskFails()) {
      throw full();
    }
    Position before = disk.head();
    disk.commit(group);
    try (EntryReader entries = disk.read(before)) {
      entries.forEachRemaining(watcher);
    }
    kill.point();
    if (world.faults.hubDiskFails()) {
      throw full();
    }
  }

  private static Fault full() {
    return Fault.of(FaultKind.INTERNAL, "commit", "the disk says no").healsByItself().build();
  }

  @Override
  public void stage(Writer writer, Sequence sequence, int index, RowBlock rows) {
    kill.point();
    disk.stage(writer, sequence, index, rows);
  }

  @Override
  public RowBlock staged(Writer writer, Sequence sequence, int index) {
    return disk.staged(writer, sequence, index);
  }

  @Override
  public void stagePart(LogEntry.OutcomePart part) {
    kill.point();
    disk.stagePart(part);
  }

  @Override
  public EntryReader read(Position after) {
    return disk.read(after);
  }

  @Override
  public void trimThrough(Position through) {
    kill.point();
    disk.trimThrough(through);
    world.counts.trims++;
    world.trace.note("hub", "trims its log through " + through.number());
  }

  @Override
  public long sizeInBytes() {
    return disk.sizeInBytes();
  }

  @Override
  public void setAside(Bytes place, Bytes content) {
    world.counts.coldRows++;
    disk.setAside(place, content);
  }

  @Override
  public Bytes takeBack(Bytes place) {
    return disk.takeBack(place);
  }

  @Override
  public List<Bytes> placesAside(Bytes prefix) {
    return disk.placesAside(prefix);
  }

  @Override
  public void forgetAside() {
    disk.forgetAside();
  }

  @Override
  public void close() {}
}
