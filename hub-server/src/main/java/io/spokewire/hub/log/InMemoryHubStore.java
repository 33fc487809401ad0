package io.spokewire.hub.log;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.WriterState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The store without a disk: for tests and simulations. Entries go through {@link LogCodec}, so that
 * what can't be stored is found here, too. Safe from any thread.
 */
public final class InMemoryHubStore implements HubStore {
  private final Map<Bytes, Bytes> aside = new HashMap<>();
  private final LogCodec codec;
  private final NavigableMap<Place, byte[]> log = new TreeMap<>();
  private final Map<Writer, WriterState> writers = new HashMap<>();
  private final Map<SpokeId, Position> applied = new HashMap<>();
  private final Map<SchemaId, TableSchema> schemas = new HashMap<>();
  private final Map<Chunk, RowBlock> staged = new HashMap<>();
  private final Map<Chunk, RowBlock> unsynced = new HashMap<>();
  private Position head;
  private Position trimmed;
  private @Nullable Supplier<Fault> failure;
  private int commits;

  /**
   * @param beginning the place before the first entry
   */
  public InMemoryHubStore(Position beginning) {
    this.codec = new LogCodec(beginning);
    this.head = beginning;
    this.trimmed = beginning;
  }

  /** Forgets what a loss of power would: chunks and parts that no commit made durable. */
  public synchronized void crash() {
    unsynced.clear();
    log.tailMap(new Place(head.number() + 1, 0), true).clear();
  }

  /** From now on every commit fails like this, until {@link #heal()}. */
  public synchronized void failWith(Supplier<Fault> fault) {
    failure = fault;
  }

  public synchronized void heal() {
    failure = null;
  }

  /** How many groups were committed. */
  public synchronized int commits() {
    return commits;
  }

  @Override
  public synchronized Position head() {
    return head;
  }

  @Override
  public synchronized Position trimmedThrough() {
    return trimmed;
  }

  @Override
  public synchronized Recovered recover() {
    return new Recovered(
        List.copyOf(writers.values()), Map.copyOf(applied), List.copyOf(schemas.values()));
  }

  @Override
  public synchronized void commit(LogGroup group) {
    if (failure != null) {
      throw failure.get();
    }
    Position last = LogOrder.check(head, group.entries());
    for (LogEntry entry : group.entries()) {
      long number = entry.position().number();
      if (!(entry instanceof LogEntry.OutcomePart)) {
        dropParts(number, LogOrder.partsOf(entry));
      }
      log.put(place(entry), codec.encode(entry));
      if (entry instanceof LogEntry.Outcome outcome && outcome.transaction().isStaged()) {
        Writer writer = outcome.transaction().writer();
        Sequence sequence = outcome.transaction().sequence();
        staged.keySet().removeIf(c -> c.isOf(writer, sequence));
        unsynced.keySet().removeIf(c -> c.isOf(writer, sequence));
      }
    }
    group.writers().forEach(w -> writers.put(w.writer(), w));
    applied.putAll(group.applied());
    group.schemas().forEach(s -> schemas.put(s.id(), s));
    staged.putAll(unsynced);
    unsynced.clear();
    head = last;
    commits++;
  }

  @Override
  public synchronized void stage(Writer writer, Sequence sequence, int index, RowBlock rows) {
    unsynced.put(new Chunk(writer, sequence, index), rows);
  }

  @Override
  public synchronized RowBlock staged(Writer writer, Sequence sequence, int index) {
    Chunk chunk = new Chunk(writer, sequence, index);
    RowBlock rows = unsynced.getOrDefault(chunk, staged.get(chunk));
    if (rows == null) {
      throw Fault.invariant("staged chunks", chunk + " is not there");
    }
    return rows;
  }

  @Override
  public synchronized void stagePart(LogEntry.OutcomePart part) {
    if (part.index() == 0) {
      dropParts(part.position().number(), 0);
    }
    log.put(place(part), codec.encode(part));
  }

  @Override
  public synchronized EntryReader read(Position after) {
    if (trimmed.isAfter(after)) {
      throw LogOrder.trimmedAway(after, trimmed);
    }
    long from = after.number();
    long through = head.number();
    return new Entries(from, through);
  }

  @Override
  public synchronized void trimThrough(Position through) {
    if (!through.isAfter(trimmed)) {
      return;
    }
    if (through.isAfter(head)) {
      throw Fault.invariant("trim", "through " + through + " beyond the head " + head);
    }
    log.headMap(new Place(through.number() + 1, 0), false).clear();
    trimmed = through;
  }

  @Override
  public synchronized long sizeInBytes() {
    return log.values().stream().mapToLong(record -> record.length).sum();
  }

  @Override
  public void setAside(Bytes place, Bytes content) {
    aside.put(Bytes.wrap(place.toByteArray()), Bytes.wrap(content.toByteArray()));
  }

  @Override
  public @Nullable Bytes takeBack(Bytes place) {
    return aside.remove(place);
  }

  @Override
  public List<Bytes> placesAside(Bytes prefix) {
    return aside.keySet().stream().filter(place -> place.startsWith(prefix)).sorted().toList();
  }

  @Override
  public void forgetAside() {
    aside.clear();
  }

  @Override
  public void close() {}

  private void dropParts(long number, int from) {
    log.subMap(new Place(number, from), true, new Place(number, Place.WHOLE), false).clear();
  }

  private synchronized Map.@Nullable Entry<Place, byte[]> entryAfter(Place place) {
    if (trimmed.number() > place.number()) {
      throw LogOrder.trimmedAway(head.at(place.number()), trimmed);
    }
    return log.higherEntry(place);
  }

  private static Place place(LogEntry entry) {
    int part = entry instanceof LogEntry.OutcomePart p ? p.index() : Place.WHOLE;
    return new Place(entry.position().number(), part);
  }

  /** Where a record lies: parts by index, then the whole entry. */
  private record Place(long number, int part) implements Comparable<Place> {
    static final int WHOLE = Integer.MAX_VALUE;

    @Override
    public int compareTo(Place other) {
      int byNumber = Long.compare(number, other.number);
      return byNumber != 0 ? byNumber : Integer.compare(part, other.part);
    }
  }

  private record Chunk(Writer writer, Sequence sequence, int index) {
    boolean isOf(Writer otherWriter, Sequence otherSequence) {
      return writer.equals(otherWriter) && sequence.equals(otherSequence);
    }
  }

  private final class Entries implements EntryReader {
    private final long through;
    private Place at;

    private Entries(long from, long through) {
      this.at = new Place(from, Place.WHOLE);
      this.through = through;
    }

    @Override
    public boolean hasNext() {
      Map.Entry<Place, byte[]> next = entryAfter(at);
      return next != null && next.getKey().number() <= through;
    }

    @Override
    public LogEntry next() {
      Map.Entry<Place, byte[]> next = entryAfter(at);
      if (next == null || next.getKey().number() > through) {
        throw new NoSuchElementException();
      }
      at = next.getKey();
      return codec.decode(at.number(), next.getValue());
    }

    @Override
    public void close() {}
  }
}
