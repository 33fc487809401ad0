package io.spokewire.deploy.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Commit to visible: one row a commit at a steady pace; from the return of the commit to the moment
 * a reader at the target that asks all the time sees the row.
 */
final class Latency {
  private static final int PER_SECOND = 100;

  private Latency() {}

  /** Milliseconds. */
  record Figure(double p50, double p99) {}

  static Figure measure(Replication way, int seconds, long firstMark)
      throws SQLException, InterruptedException {
    int count = seconds * PER_SECOND;
    long[] committed = new long[count];
    long[] visible = new long[count];
    AtomicBoolean failed = new AtomicBoolean();
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    watch(way, firstMark, visible);
                  } catch (SQLException | InterruptedException e) {
                    failed.set(true);
                    throw new IllegalStateException(e);
                  }
                });
    try (Connection source = way.source();
        PreparedStatement insert = source.prepareStatement("INSERT INTO finish VALUES (?)")) {
      long start = System.nanoTime();
      for (int i = 0; i < count && !failed.get(); i++) {
        long due = start + i * (1_000_000_000L / PER_SECOND);
        long ahead = due - System.nanoTime();
        if (ahead > 0) {
          Thread.sleep(ahead / 1_000_000, (int) (ahead % 1_000_000));
        }
        insert.setLong(1, firstMark + i);
        insert.executeUpdate();
        committed[i] = System.nanoTime();
      }
    }
    reader.join();
    double[] milliseconds = new double[count];
    for (int i = 0; i < count; i++) {
      milliseconds[i] = Math.max(0, (visible[i] - committed[i]) / 1e6);
    }
    Arrays.sort(milliseconds);
    return new Figure(milliseconds[count / 2], milliseconds[count * 99 / 100]);
  }

  private static void watch(Replication way, long firstMark, long[] visible)
      throws SQLException, InterruptedException {
    try (Connection target = way.target();
        PreparedStatement select =
            target.prepareStatement("SELECT coalesce(max(id), 0) FROM finish WHERE id >= ?")) {
      select.setLong(1, firstMark);
      int seen = 0;
      while (seen < visible.length) {
        try (var rows = select.executeQuery()) {
          rows.next();
          long now = System.nanoTime();
          long last = rows.getLong(1);
          while (seen < visible.length && firstMark + seen <= last) {
            visible[seen++] = now;
          }
        }
        Thread.sleep(0, 300_000);
      }
    }
  }
}
