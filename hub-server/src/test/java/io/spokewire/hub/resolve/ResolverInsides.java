package io.spokewire.hub.resolve;

import io.spokewire.common.change.Transaction;
import io.spokewire.hub.entry.LogEntry;

/** What only the hub's own parts may ask of a resolver, for whoever follows a log elsewhere. */
public final class ResolverInsides {
  private ResolverInsides() {}

  /** Puts a part of a staged transaction back, with all its rows. */
  public static void replay(Resolver resolver, LogEntry.OutcomePart part, Transaction header) {
    resolver.replay(part, header, RowSet.EVERY);
  }
}
