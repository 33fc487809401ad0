package io.spokewire.deploy.bench;

import java.util.Map;

/** A way from a source database to a target database, ready and warm, that can be held back. */
interface Replication {
  String name();

  /** JDBC address of the database that is written to. */
  String sourceUrl();

  /** JDBC address of the database that follows. */
  String targetUrl();

  /** Stops following; changes pile up in the source's log. */
  void hold();

  /** Goes on. */
  void release();

  /** CPU seconds so far of each process that takes part, by a readable name. */
  Map<String, Double> cpuSeconds();
}
