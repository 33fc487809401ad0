package io.spokewire.common.queue;

import io.spokewire.common.bytes.Bytes;

/**
 * An append-only queue of byte entries that survives a crash of the process.
 *
 * <p>An appended entry is readable at once and survives the death of the process; it survives a
 * loss of power only after {@link #sync()} returned. Entries carry a CRC. On opening, a tail that
 * is torn or does not fit its CRC is discarded, never returned; so after a loss of power the queue
 * may end earlier than it did, and never with a wrong entry.
 *
 * <p>Indexes ascend with every append but need not be contiguous, and are never reused.
 *
 * <p>Threading: one thread appends and syncs; any number of threads may each own a {@link Reader};
 * {@code trimBefore} may be called by any one thread at a time.
 *
 * <p>Errors: {@link io.spokewire.common.fault.Fault} with the queue's directory; a full disk heals
 * by itself, and nothing of the entry that failed is visible.
 */
public interface DurableQueue extends AutoCloseable {
  /** Returned for "no entry". */
  long NO_INDEX = -1;

  /** Appends a copy of the bytes; returns the entry's index. Entries may be of any size. */
  long append(Bytes entry);

  /** Returns when everything appended so far is on disk. */
  void sync();

  /** The index of the last entry, or {@link #NO_INDEX} when there is none. */
  long lastIndex();

  /**
   * A reader that begins at the first kept entry at or after {@code index}; {@code 0} or less means
   * the first one kept.
   */
  Reader readFrom(long index);

  /**
   * Allows entries before {@code index} to be deleted. May keep more than that; never deletes the
   * last entry. Readers that stand on a deleted entry go on at the first kept one.
   */
  void trimBefore(long index);

  /** Bytes on disk, for people and alarms. */
  long sizeInBytes();

  @Override
  void close();

  /** A place in the queue. Owned and used by one thread. */
  interface Reader extends AutoCloseable {
    /** Moves to the next entry; false if there is none yet. */
    boolean next();

    /** The index of the current entry. */
    long index();

    /** The current entry; valid for as long as the caller likes. */
    Bytes entry();

    @Override
    void close();
  }
}
