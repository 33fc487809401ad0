package io.spokewire.hub.log;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.WriterState;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hub's durable state: one channel's log, and what must never be apart from it.
 *
 * <p>Contract: {@link #commit} is atomic and durable: when it returns, the group survives a loss of
 * power. When it throws, all of the group is there or nothing, and {@link #head()} says which from
 * then on: a disk can fail after it took the bytes. Entries of a group have contiguous positions
 * that follow {@link #head()}. Reads see whole groups only.
 *
 * <p>Threading: {@code commit}, {@code stage}, {@code stagePart} and {@code trimThrough} by one
 * thread; reads by any.
 *
 * <p>Errors: {@link io.spokewire.common.fault.Fault}; a full disk heals by itself.
 */
public interface HubStore extends AutoCloseable {
  /** The last position in the log; number 0 before the first entry. */
  Position head();

  /** Every position up to here was trimmed away; number 0 when the log is whole. */
  Position trimmedThrough();

  /** What was committed with the last groups: read once, at start. */
  Recovered recover();

  /** Commits a group: all of it, on disk, or nothing. */
  void commit(LogGroup group);

  /**
   * Keeps a chunk of a transaction that is not committed yet. Not synced by itself; durable with
   * the next {@link #commit}. A chunk with the same writer, sequence and index replaces the earlier
   * one.
   */
  void stage(Writer writer, Sequence sequence, int index, RowBlock rows);

  /** A staged chunk; they are kept until the transaction is committed. */
  RowBlock staged(Writer writer, Sequence sequence, int index);

  /**
   * Stores a resolved part of the outcome that the next {@link #commit} will hold at the part's
   * position, so that a transaction of any size is never in memory whole. Invisible until then;
   * gone if the outcome that is committed there is another one. Part 0 comes first and forgets what
   * was there before.
   */
  void stagePart(LogEntry.OutcomePart part);

  /**
   * The entries after {@code after}, in order, {@link LogEntry.OutcomePart}s right before the
   * {@code Outcome} they belong to, up to the head as of now. Lazy; close it.
   *
   * @throws io.spokewire.common.fault.Fault if {@code after} lies before {@link #trimmedThrough()}
   */
  EntryReader read(Position after);

  /** Deletes entries up to here; state that is not an entry stays. */
  void trimThrough(Position through);

  long sizeInBytes();

  /**
   * Sets something aside that memory has no room for. It need not outlive this opening of the store
   * and is not part of any group. By the one writing thread, as the three below.
   *
   * @param place where; whatever lies there is replaced. Both stay the caller's
   */
  void setAside(Bytes place, Bytes content);

  /** What lies at this place, and no longer does afterwards; null if there is nothing. */
  @Nullable Bytes takeBack(Bytes place);

  /** Where something lies, of the places that begin with these bytes. */
  List<Bytes> placesAside(Bytes prefix);

  /** Forgets everything that was set aside. */
  void forgetAside();

  @Override
  void close();

  /** Entries in order, read as they are asked for. Owned by one thread. */
  interface EntryReader extends Iterator<LogEntry>, AutoCloseable {
    @Override
    void close();
  }

  /**
   * What one atomic batch holds.
   *
   * @param entries in order; the parts of a staged outcome may be here, right before it, or with
   *     {@link #stagePart} before
   * @param writers the state of each writer that moved
   * @param applied for each spoke that reported, the position it holds durably
   * @param schemas shapes not yet known to the store
   */
  record LogGroup(
      List<LogEntry> entries,
      List<WriterState> writers,
      Map<SpokeId, Position> applied,
      List<TableSchema> schemas) {
    public LogGroup {
      entries = List.copyOf(entries);
      writers = List.copyOf(writers);
      applied = Map.copyOf(applied);
      schemas = List.copyOf(schemas);
    }

    public boolean isEmpty() {
      return entries.isEmpty() && writers.isEmpty() && applied.isEmpty() && schemas.isEmpty();
    }
  }

  /** State that is not log entries, as of the head. */
  record Recovered(
      List<WriterState> writers, Map<SpokeId, Position> applied, List<TableSchema> schemas) {}
}
