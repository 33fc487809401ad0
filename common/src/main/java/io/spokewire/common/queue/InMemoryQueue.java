package io.spokewire.common.queue;

import io.spokewire.common.bytes.Bytes;
import java.util.Map;
import java.util.Map.Entry;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DurableQueue} on the heap, for tests and the simulator: it keeps the contract, and can
 * show what a crash would have left. Indexes are contiguous from 1.
 */
public final class InMemoryQueue implements DurableQueue {
  private final ConcurrentSkipListMap<Long, Bytes> entries = new ConcurrentSkipListMap<>();
  private long nextIndex = 1; // appending thread only
  private volatile long synced = NO_INDEX;
  private volatile long bytes;

  /** What a crash leaves that lost every entry after {@code index}. */
  public InMemoryQueue afterCrash(long index) {
    InMemoryQueue left = new InMemoryQueue();
    left.entries.putAll(entries.headMap(index, true));
    left.nextIndex = nextIndex;
    left.synced = left.lastIndex();
    left.bytes = left.entries.values().stream().mapToLong(Bytes::length).sum();
    return left;
  }

  /** The last entry that a loss of power may not lose. */
  public long syncedIndex() {
    return synced;
  }

  @Override
  public long append(Bytes entry) {
    Bytes copy = Bytes.wrap(entry.toByteArray());
    long index = nextIndex++;
    addBytes(copy.length());
    entries.put(index, copy);
    return index;
  }

  @Override
  public void sync() {
    synced = lastIndex();
  }

  @Override
  public long lastIndex() {
    Map.@Nullable Entry<Long, Bytes> last = entries.lastEntry();
    return last == null ? NO_INDEX : last.getKey();
  }

  @Override
  public Reader readFrom(long index) {
    return new InMemoryReader(index - 1);
  }

  @Override
  public void trimBefore(long index) {
    long end = Math.min(index, lastIndex());
    while (!entries.isEmpty() && entries.firstKey() < end) {
      Entry<Long, Bytes> gone = entries.pollFirstEntry();
      addBytes(-gone.getValue().length());
    }
  }

  @Override
  public long sizeInBytes() {
    return bytes;
  }

  @Override
  public void close() {}

  private synchronized void addBytes(int more) {
    bytes += more;
  }

  private final class InMemoryReader implements Reader {
    private long last; // the index of the current entry, or one below where to begin
    private Bytes current = Bytes.EMPTY;

    private InMemoryReader(long last) {
      this.last = last;
    }

    @Override
    public boolean next() {
      Map.@Nullable Entry<Long, Bytes> next = entries.higherEntry(last);
      if (next == null) {
        return false;
      }
      last = next.getKey();
      current = next.getValue();
      return true;
    }

    @Override
    public long index() {
      return last;
    }

    @Override
    public Bytes entry() {
      return current;
    }

    @Override
    public void close() {}
  }
}
