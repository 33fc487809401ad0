package io.spokewire.hub.entry;

import java.util.Locale;

/** How two concurrent writes met. Named arriving write first. */
public enum ConflictKind {
  UPDATE_UPDATE,
  INSERT_INSERT,
  UPDATE_DELETE,
  DELETE_UPDATE,
  /** A site's own newer write was overwritten by the echo of an older one before it was seen. */
  OWN_OVERWRITTEN;

  /** As the audit and the command line have it: {@code update_update}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
