package io.spokewire.hub.log.rocksdb;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.WriterState;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.log.LogCodec;
import io.spokewire.hub.log.LogOrder;
import io.spokewire.hub.log.StateCodec;
import io.spokewire.hub.log.rocksdb.RocksFiles.Family;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * The store on RocksDB: one synced write batch per group.
 *
 * <p>After a failed write nobody can tell from the outside what reached the disk, and RocksDB
 * itself refuses further writes. So the files are closed and opened again before the next call is
 * answered: what is there then is what there is.
 */
public final class RocksHubStore implements HubStore {
  /** More bytes than any place begins with that are all ones. */
  private static final int PLACE_BYTES = 16;

  private static final byte[] NOTHING = {};

  private final Path directory;
  private final Position beginning;
  private final LogCodec entries;
  private final StateCodec state;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Set<RocksEntryReader> readers = ConcurrentHashMap.newKeySet();
  // Used by the one writing thread.
  private final WriteBatch batch = new WriteBatch();
  private final Set<Long> partsAt = new HashSet<>(); // positions beyond the head that have parts

  // Guarded by lock: null after a failed write, until the files are opened again.
  private @Nullable RocksFiles files;
  private boolean closed;
  private volatile Position head;
  private volatile Position trimmed;

  private RocksHubStore(Path directory, RocksFiles files, Position beginning)
      throws RocksDBException {
    this.directory = directory;
    this.files = files;
    this.beginning = beginning;
    this.entries = new LogCodec(beginning);
    this.state = new StateCodec(beginning);
    this.head = beginning;
    this.trimmed = beginning;
    readEnds(files);
  }

  /**
   * Opens the store in a directory, or makes it.
   *
   * @param newIncarnation names the log's life if there is none yet
   * @throws Fault if another process has it open, the channel is another one, or it is damaged
   */
  public static RocksHubStore open(
      Path directory, ChannelId channel, Supplier<LogIncarnation> newIncarnation) {
    RocksFiles files = openFiles(directory);
    try {
      byte[] name = files.database().get(files.family(Family.STATE), LogKeys.LOG);
      Position beginning;
      if (name == null) {
        beginning = Position.beginning(newIncarnation.get(), channel);
        files
            .database()
            .put(
                files.family(Family.STATE),
                files.synced(),
                LogKeys.LOG,
                StateCodec.encodeLog(beginning));
      } else {
        beginning = StateCodec.log(name);
        if (!beginning.channel().equals(channel)) {
          throw Fault.of(
                  FaultKind.USAGE,
                  "open log",
                  "it is the log of channel " + beginning.channel() + ", not " + channel)
              .at(directory)
              .build();
        }
      }
      return new RocksHubStore(directory, files, beginning);
    } catch (RocksDBException e) {
      files.close();
      throw RocksFaults.of("open log", directory, e);
    } catch (MalformedBytesException e) {
      files.close();
      throw RocksFaults.damaged("open log", directory, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  Path directory() {
    return directory;
  }

  @Override
  public Position head() {
    return reading("read head", f -> head);
  }

  @Override
  public Position trimmedThrough() {
    return trimmed;
  }

  @Override
  public Recovered recover() {
    return reading(
        "recover",
        f -> {
          List<WriterState> writers = new ArrayList<>();
          Map<SpokeId, Position> applied = new HashMap<>();
          List<TableSchema> schemas = new ArrayList<>();
          scan(f, Family.STATE, LogKeys.WRITERS, (k, v) -> writers.add(state.writer(v)));
          scan(
              f,
              Family.STATE,
              LogKeys.APPLIED,
              (k, v) -> applied.put(LogKeys.appliedSpoke(k), state.position(v)));
          scan(f, Family.SCHEMAS, new byte[0], (k, v) -> schemas.add(state.schema(v)));
          return new Recovered(writers, applied, schemas);
        });
  }

  @Override
  public void commit(LogGroup group) {
    Position last =
        writing(
            "commit",
            f -> {
              Position after = LogOrder.check(head, group.entries());
              batch.clear();
              fill(f, group, after);
              f.database().write(f.synced(), batch);
              return after;
            });
    head = last;
    partsAt.removeIf(number -> number <= last.number());
  }

  @Override
  public void stage(Writer writer, Sequence sequence, int index, RowBlock rows) {
    writing(
        "stage",
        f -> {
          f.database()
              .put(
                  f.family(Family.STAGED),
                  f.unsynced(),
                  LogKeys.chunk(writer, sequence, index),
                  state.encode(rows));
          return index;
        });
  }

  @Override
  public RowBlock staged(Writer writer, Sequence sequence, int index) {
    return reading(
        "read staged chunk",
        f -> {
          byte[] found =
              f.database().get(f.family(Family.STAGED), LogKeys.chunk(writer, sequence, index));
          if (found == null) {
            throw Fault.invariant(
                "staged chunks", writer + "#" + sequence + "[" + index + "] is not there");
          }
          return state.rows(found);
        });
  }

  @Override
  public void stagePart(LogEntry.OutcomePart part) {
    writing(
        "stage part",
        f -> {
          batch.clear();
          if (part.index() == 0) {
            deleteParts(f, part.position().number(), 0);
          }
          batch.put(f.family(Family.LOG), LogKeys.entry(part), entries.encode(part));
          f.database().write(f.unsynced(), batch);
          return part.index();
        });
    partsAt.add(part.position().number());
  }

  @Override
  public EntryReader read(Position after) {
    return reading(
        "read log",
        f -> {
          if (trimmed.isAfter(after)) {
            throw LogOrder.trimmedAway(after, trimmed);
          }
          RocksEntryReader reader =
              new RocksEntryReader(
                  this, lock.readLock(), f, entries, after.number(), head.number());
          readers.add(reader);
          return reader;
        });
  }

  @Override
  public void trimThrough(Position through) {
    if (!through.isAfter(trimmed)) {
      return;
    }
    if (through.isAfter(head)) {
      throw Fault.invariant("trim", "through " + through + " beyond the head " + head);
    }
    writing(
        "trim",
        f -> {
          byte[] from = LogKeys.entry(0, 0);
          byte[] end = LogKeys.entry(through.number() + 1, 0);
          batch.clear();
          batch.deleteRange(f.family(Family.LOG), from, end);
          batch.put(f.family(Family.STATE), LogKeys.TRIMMED, state.encode(through));
          // Synced, because whole files go right after it: the record of it must not come later.
          f.database().write(f.synced(), batch);
          f.database().deleteFilesInRanges(f.family(Family.LOG), List.of(from, end), false);
          return through;
        });
    trimmed = through;
  }

  @Override
  public void setAside(Bytes place, Bytes content) {
    writing(
        "set aside",
        f -> {
          f.database()
              .put(
                  f.family(Family.ASIDE), f.unlogged(), place.toByteArray(), content.toByteArray());
          return content;
        });
  }

  @Override
  public @Nullable Bytes takeBack(Bytes place) {
    byte[] key = place.toByteArray();
    byte[] found =
        writing(
            "take back",
            f -> {
              byte[] there = f.database().get(f.family(Family.ASIDE), key);
              if (there == null) {
                return NOTHING;
              }
              f.database().delete(f.family(Family.ASIDE), f.unlogged(), key);
              return there;
            });
    return found == NOTHING ? null : Bytes.wrap(found);
  }

  @Override
  public List<Bytes> placesAside(Bytes prefix) {
    return reading(
        "look at what was set aside",
        f -> {
          List<Bytes> places = new ArrayList<>();
          scan(f, Family.ASIDE, prefix.toByteArray(), (k, v) -> places.add(Bytes.wrap(k)));
          return places;
        });
  }

  @Override
  public void forgetAside() {
    writing(
        "forget what was set aside",
        f -> {
          byte[] end = new byte[PLACE_BYTES];
          Arrays.fill(end, (byte) 0xFF);
          byte[] begin = {};
          f.database().deleteRange(f.family(Family.ASIDE), f.unlogged(), begin, end);
          f.database().deleteFilesInRanges(f.family(Family.ASIDE), List.of(begin, end), false);
          return end;
        });
  }

  @Override
  public long sizeInBytes() {
    return reading(
        "measure log",
        f ->
            f.database().getLongProperty(f.family(Family.LOG), "rocksdb.total-sst-files-size")
                + f.database()
                    .getLongProperty(f.family(Family.LOG), "rocksdb.cur-size-all-mem-tables"));
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        release();
        batch.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Called by a reader that was closed. */
  void forget(RocksEntryReader reader) {
    readers.remove(reader);
  }

  private void fill(RocksFiles f, LogGroup group, Position after) throws RocksDBException {
    ColumnFamilyHandle log = f.family(Family.LOG);
    for (LogEntry entry : group.entries()) {
      batch.put(log, LogKeys.entry(entry), entries.encode(entry));
      if (entry instanceof LogEntry.Outcome outcome && outcome.transaction().isStaged()) {
        Writer writer = outcome.transaction().writer();
        Sequence sequence = outcome.transaction().sequence();
        int chunks = outcome.transaction().stagedChunks();
        deleteParts(f, entry.position().number(), chunks);
        batch.deleteRange(
            f.family(Family.STAGED),
            LogKeys.chunk(writer, sequence, 0),
            LogKeys.chunk(writer, sequence, Integer.MAX_VALUE));
      } else if (!(entry instanceof LogEntry.OutcomePart)
          && partsAt.contains(entry.position().number())) {
        deleteParts(f, entry.position().number(), 0);
      }
    }
    ColumnFamilyHandle states = f.family(Family.STATE);
    for (WriterState writer : group.writers()) {
      batch.put(states, LogKeys.writer(writer.writer()), state.encode(writer));
    }
    for (Map.Entry<SpokeId, Position> one : group.applied().entrySet()) {
      batch.put(states, LogKeys.applied(one.getKey()), state.encode(one.getValue()));
    }
    for (TableSchema schema : group.schemas()) {
      batch.put(
          f.family(Family.SCHEMAS), LogKeys.schema(schema.id().value()), state.encode(schema));
    }
    batch.put(states, LogKeys.HEAD, state.encode(after));
  }

  private void deleteParts(RocksFiles f, long number, int from) throws RocksDBException {
    batch.deleteRange(
        f.family(Family.LOG), LogKeys.entry(number, from), LogKeys.entry(number, LogKeys.WHOLE));
  }

  private void readEnds(RocksFiles f) throws RocksDBException {
    byte[] headRecord = f.database().get(f.family(Family.STATE), LogKeys.HEAD);
    byte[] trimmedRecord = f.database().get(f.family(Family.STATE), LogKeys.TRIMMED);
    head = headRecord == null ? beginning : state.position(headRecord);
    trimmed = trimmedRecord == null ? beginning : state.position(trimmedRecord);
    byte[] beyond = LogKeys.entry(head.number() + 1, 0);
    try (RocksIterator iterator = f.database().newIterator(f.family(Family.LOG))) {
      iterator.seek(beyond);
      if (iterator.isValid()) { // parts of an outcome that was never committed
        byte[] end = LogKeys.entry(Long.MAX_VALUE, LogKeys.WHOLE);
        f.database().deleteRange(f.family(Family.LOG), f.unsynced(), beyond, end);
      }
      iterator.status();
    }
  }

  private static RocksFiles openFiles(Path directory) {
    try {
      Files.createDirectories(directory);
      return new RocksFiles(directory);
    } catch (IOException e) {
      throw Fault.of(FaultKind.USAGE, "open log", String.valueOf(e.getMessage()))
          .at(directory)
          .causedBy(e);
    } catch (RocksDBException e) {
      throw RocksFaults.of("open log", directory, e);
    }
  }

  /** Runs a read while nobody can close the files. */
  private <T> T reading(String operation, Access<T> access) {
    Lock shared = lock.readLock();
    shared.lock();
    try {
      RocksFiles open = files;
      if (open != null) {
        return access.with(open);
      }
    } catch (RocksDBException e) {
      throw RocksFaults.of(operation, directory, e);
    } catch (MalformedBytesException e) {
      throw RocksFaults.damaged(operation, directory, String.valueOf(e.getMessage()));
    } finally {
      shared.unlock();
    }
    reopen();
    return reading(operation, access);
  }

  /** Runs a write; if it fails, the files are closed, to be opened again by the next call. */
  private <T> T writing(String operation, Access<T> access) {
    try {
      return reading(operation, access);
    } catch (Fault fault) {
      if (fault.getCause() instanceof RocksDBException) {
        lock.writeLock().lock();
        try {
          release();
        } finally {
          lock.writeLock().unlock();
        }
      }
      throw fault;
    }
  }

  private void reopen() {
    lock.writeLock().lock();
    try {
      if (closed) {
        throw Fault.of(FaultKind.INTERNAL, "use log", "it is closed").at(directory).build();
      }
      if (files == null) {
        RocksFiles opened = openFiles(directory);
        try {
          readEnds(opened);
        } catch (RocksDBException e) {
          opened.close();
          throw RocksFaults.of("open log", directory, e);
        } catch (RuntimeException e) {
          opened.close();
          throw e;
        }
        files = opened;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Under the write lock. */
  private void release() {
    readers.forEach(RocksEntryReader::release);
    readers.clear();
    if (files != null) {
      files.close();
      files = null;
    }
  }

  private static void scan(RocksFiles f, Family family, byte[] prefix, Taker taker)
      throws RocksDBException {
    try (RocksIterator iterator = f.database().newIterator(f.family(family))) {
      for (iterator.seek(prefix);
          iterator.isValid() && LogKeys.startsWith(iterator.key(), prefix);
          iterator.next()) {
        taker.take(iterator.key(), iterator.value());
      }
      iterator.status();
    }
  }

  private interface Access<T> {
    T with(RocksFiles files) throws RocksDBException;
  }

  private interface Taker {
    void take(byte[] key, byte[] value);
  }
}
