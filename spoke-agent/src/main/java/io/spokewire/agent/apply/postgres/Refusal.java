package io.spokewire.agent.apply.postgres;

import java.sql.SQLException;
import java.util.Set;

/** What a failed statement means for the transaction that it was in. */
enum Refusal {
  /** The same transaction may succeed in a moment. */
  FOR_NOW,
  /** The connection is gone; whether a commit happened is in the checkpoint. */
  CONNECTION,
  /** What we know of a table is out of date: look again. */
  STALE,
  /** The rows are refused for good. */
  FOR_GOOD;

  private static final Set<String> SHUTDOWN = Set.of("57P01", "57P02", "57P03", "57P05");
  // Serialization, deadlock, lock not available, a timeout of the server, a server that is
  // read-only
  // for now (a standby before its promotion).
  private static final Set<String> TRANSIENT = Set.of("40001", "40P01", "55P03", "57014", "25006");
  // Unknown column, table, type, statement name; "cached plan must not change result type".
  private static final Set<String> OUTDATED =
      Set.of("42703", "42P01", "42704", "26000", "0A000", "XX000", "42P10");

  static Refusal of(SQLException e) {
    String state = e.getSQLState();
    if (state == null || state.startsWith("08") || SHUTDOWN.contains(state)) {
      return CONNECTION;
    }
    // Class 53: out of disk, memory or connections.
    if (TRANSIENT.contains(state) || state.startsWith("53")) {
      return FOR_NOW;
    }
    return OUTDATED.contains(state) ? STALE : FOR_GOOD;
  }
}
