package io.spokewire.deploy.bench;

import io.spokewire.deploy.cluster.DatabaseSite;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Users who write as fast as they can, each on a connection of its own. */
enum Load {
  INSERTS(
      "inserts of one row",
      1,
      "INSERT INTO item VALUES (?, 'an item', 7, 12.50, now(), '" + "x".repeat(60) + "')"),
  UPDATES("updates of one row", 1, "UPDATE item SET amount = amount + 1 WHERE id = ?"),
  LARGER("updates of ten rows", 10, "UPDATE item SET amount = amount + 1 WHERE id = ?");

  /** So many rows are there to be updated. */
  static final int ROWS = 20_000;

  private static final AtomicLong NEXT = new AtomicLong(ROWS);

  private final String title;
  private final int rows;
  private final String sql;

  Load(String title, int rows, String sql) {
    this.title = title;
    this.rows = rows;
    this.sql = sql;
  }

  /**
   * What was done.
   *
   * @param perSecond transactions
   * @param serverMillis CPU time of the server per transaction
   */
  record Figure(double perSecond, double serverMillis) {}

  String title() {
    return title;
  }

  Figure measure(DatabaseSite site, int clients, int seconds)
      throws InterruptedException, ExecutionException {
    double cpu = ProcessMeter.cpuSeconds(site.serverPid());
    long start = System.nanoTime();
    long end = start + seconds * 1_000_000_000L;
    long transactions = 0;
    try (ExecutorService users = Executors.newFixedThreadPool(clients)) {
      List<Future<Long>> done = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        done.add(users.submit(() -> writeUntil(end, site)));
      }
      for (Future<Long> each : done) {
        transactions += each.get();
      }
    }
    double took = (System.nanoTime() - start) / 1e9;
    double used = ProcessMeter.cpuSeconds(site.serverPid()) - cpu;
    return new Figure(transactions / took, used * 1000 / transactions);
  }

  private long writeUntil(long end, DatabaseSite site) throws SQLException {
    long transactions = 0;
    try (Connection connection = site.connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      connection.setAutoCommit(false);
      while (System.nanoTime() < end) {
        // In the order of their ids, or two users wait for each other.
        long[] ids =
            ThreadLocalRandom.current().longs(rows, 1, ROWS + 1).distinct().sorted().toArray();
        for (long id : ids) {
          statement.setLong(1, this == INSERTS ? NEXT.incrementAndGet() : id);
          statement.executeUpdate();
        }
        connection.commit();
        transactions++;
      }
    }
    return transactions;
  }
}
