package io.spokewire.hub.log.rocksdb;

import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.fault.Fault;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.log.HubStore.EntryReader;
import io.spokewire.hub.log.LogCodec;
import java.util.NoSuchElementException;
import java.util.concurrent.locks.Lock;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * Walks the log. Every position up to the end must be there and fit its CRC: a hole or a garbled
 * record is a fault, and nothing is ever skipped.
 *
 * <p>The store may release the native handles under it (when the files are opened again after a
 * fault), which only happens while nobody holds the store's read lock; from then on every call is a
 * fault that heals by itself.
 */
final class RocksEntryReader implements EntryReader {
  private final RocksHubStore store;
  private final Lock inUse;
  private final LogCodec codec;
  private final Slice end;
  private final ReadOptions options;
  private final RocksIterator iterator;
  private final long through;
  private long complete;
  private boolean released;

  /** Called under the store's read lock. */
  RocksEntryReader(
      RocksHubStore store, Lock inUse, RocksFiles files, LogCodec codec, long after, long through) {
    this.store = store;
    this.inUse = inUse;
    this.codec = codec;
    this.complete = after;
    this.through = through;
    this.end = new Slice(LogKeys.entry(through + 1, 0));
    this.options = new ReadOptions().setVerifyChecksums(true).setIterateUpperBound(end);
    this.iterator = files.database().newIterator(files.family(RocksFiles.Family.LOG), options);
    iterator.seek(LogKeys.entry(after + 1, 0));
  }

  @Override
  public boolean hasNext() {
    return complete < through;
  }

  @Override
  public LogEntry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    inUse.lock();
    try {
      if (released) {
        throw RocksFaults.reopened();
      }
      long expected = complete + 1;
      if (!iterator.isValid()) {
        iterator.status();
        throw damaged(expected, "it is not there");
      }
      long number = LogKeys.number(iterator.key());
      if (number != expected) {
        throw damaged(expected, "it is not there, the next one is " + number);
      }
      LogEntry entry = codec.decode(number, iterator.value());
      if (!(entry instanceof LogEntry.OutcomePart)) {
        complete = number;
      }
      iterator.next();
      return entry;
    } catch (RocksDBException e) {
      throw RocksFaults.of("read log", store.directory(), e);
    } catch (MalformedBytesException e) {
      throw damaged(complete + 1, String.valueOf(e.getMessage()));
    } finally {
      inUse.unlock();
    }
  }

  @Override
  public void close() {
    inUse.lock();
    try {
      release();
      store.forget(this);
    } finally {
      inUse.unlock();
    }
  }

  /** Frees the native handles. Called by the owner, or by the store under its write lock. */
  void release() {
    if (!released) {
      released = true;
      iterator.close();
      options.close();
      end.close();
    }
  }

  private Fault damaged(long number, String what) {
    return RocksFaults.damaged(
        "read log", store.directory(), "entry " + number + " is damaged: " + what);
  }
}
