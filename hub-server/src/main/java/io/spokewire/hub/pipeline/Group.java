package io.spokewire.hub.pipeline;

import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.fanout.LogTail;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What goes to the store as one batch, in the making: entries with their positions, and what is to
 * happen once they are durable. Owned by the sequencer.
 */
final class Group {
  private final List<LogEntry> entries = new ArrayList<>();
  private final List<TableSchema> schemas = new ArrayList<>();
  private final List<Runnable> afterwards = new ArrayList<>();
  private final Set<SpokeId> acknowledge = new LinkedHashSet<>();
  private final Map<SpokeId, Position> begins = new HashMap<>();
  private final Map<SpokeId, Sequence> known = new LinkedHashMap<>();
  private Position last;
  private int transactions;
  private long bytes;
  private long rows;

  /**
   * @param head the end of the log, which the first entry follows
   */
  Group(Position head) {
    this.last = head;
  }

  /** The position the next entry gets. */
  Position next() {
    return last.next();
  }

  void add(LogEntry entry) {
    entries.add(entry);
    last = entry.position();
    bytes += LogTail.sizeOf(entry);
    if (entry instanceof LogEntry.Outcome outcome) {
      transactions++;
      rows += outcome.transaction().rows().rows();
    }
  }

  /** Rows that are in parts, outside the group. */
  void rows(int count) {
    rows += count;
  }

  long rows() {
    return rows;
  }

  void add(TableSchema schema) {
    schemas.add(schema);
  }

  /** Runs, in order, once the group is durable; never if it is not. */
  void afterwards(Runnable action) {
    afterwards.add(action);
  }

  /** Tells this spoke, once the group is durable, where its writer stands. */
  void acknowledge(SpokeId spoke) {
    acknowledge.add(spoke);
  }

  /** The log has this transaction from an earlier life of its spoke. */
  void known(SpokeId spoke, Sequence sequence) {
    known.put(spoke, sequence);
  }

  /** By spoke, the last of those. */
  Map<SpokeId, Sequence> known() {
    return known;
  }

  /** A spoke becomes live and holds the log up to here, whatever an earlier life of it held. */
  void begins(SpokeId spoke, Position start) {
    begins.put(spoke, start);
  }

  Map<SpokeId, Position> begins() {
    return begins;
  }

  List<LogEntry> entries() {
    return entries;
  }

  List<TableSchema> schemas() {
    return schemas;
  }

  List<Runnable> afterwards() {
    return afterwards;
  }

  Set<SpokeId> toAcknowledge() {
    return acknowledge;
  }

  Position last() {
    return last;
  }

  int transactions() {
    return transactions;
  }

  long bytes() {
    return bytes;
  }

  boolean hasEntries() {
    return !entries.isEmpty();
  }
}
