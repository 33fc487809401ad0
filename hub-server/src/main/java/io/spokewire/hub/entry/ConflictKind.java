package io.spokewire.hub.entry;

import java.util.Locale;

/** How two concurrent writes met: what arrived, and what it found. */
public enum ConflictKind {
  /** An insert, and somebody else's insert of the same key. */
  INSERT_EXISTS,
  /** A write to a field that somebody else wrote too. */
  UPDATE_CONCURRENT,
  /** A write to a row that somebody else deleted. */
  UPDATE_DELETED,
  /** A delete of a row that somebody else wrote. */
  DELETE_CONCURRENT_UPDATE,
  /** A site's own newer write was overwritten by the echo of an older one before it was seen. */
  OWN_OVERWRITTEN,
  /** A change of key to one that somebody else's row has. */
  UPDATE_PKEY_EXISTS,
  /** One row's key was changed at two sites. */
  UPDATE_PKEY_CONCURRENT,
  /** Two rows with one value in columns that are unique. */
  UNIQUE_VIOLATION,
  /** A row that refers to one that somebody else deleted. */
  FK_PARENT_MISSING,
  /** A delete of a row that somebody else's row refers to. */
  FK_CHILD_EXISTS,
  /** Values from several sites that together break a check of the table. */
  CHECK_VIOLATION_AFTER_MERGE,
  /** A TRUNCATE, and somebody else's write to the table. */
  TRUNCATE_CONCURRENT;

  /** As the audit and the command line have it: {@code update_concurrent}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
