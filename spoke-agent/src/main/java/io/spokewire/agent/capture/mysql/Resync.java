package io.spokewire.agent.capture.mysql;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import org.jspecify.annotations.Nullable;

/** The ways in which a log is of no more use to us, and what then helps. */
final class Resync {
  static final String HINT =
      "changes of this site may be missing at the others: compare its tables with theirs, then let"
          + " it rejoin";

  private Resync() {}

  /** The log no longer goes back as far as we have read. */
  static Fault purged(Object place, String missing) {
    return Fault.of(
            FaultKind.NEGATIVE,
            "capture",
            "the server has purged binlogs that were not read yet" + missing)
        .at(place)
        .hint(HINT + "; keep binlogs longer (binlog_expire_logs_seconds, expire_logs_days)")
        .build();
  }

  /** The server does not know what we have read. */
  static Fault unknown(Object place, String unknown) {
    return Fault.of(
            FaultKind.NEGATIVE,
            "capture",
            "the server does not know transactions that were read from it before: "
                + unknown
                + "; it was restored from a backup, its log was reset, or another server took its"
                + " place without them")
        .at(place)
        .hint("syncadm topology rejoin NAME --catch-up after a restore; else " + HINT)
        .build();
  }

  /** As the server's own words have it. */
  static Fault unreadable(Object place, String reason, @Nullable Exception cause) {
    boolean purged = reason.contains("purged") || reason.contains("Could not find GTID state");
    return purged
        ? purged(place, ": " + reason)
        : Fault.of(FaultKind.NEGATIVE, "capture", "the binlog can't be read on: " + reason)
            .at(place)
            .hint(HINT)
            .causedBy(cause);
  }
}
