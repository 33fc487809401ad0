package io.spokewire.deploy.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One kind of work that piles up while replication is held back; measured is how fast the target
 * catches up. The last commit writes to table {@code finish}, and its visibility at the target ends
 * the measurement.
 */
enum CatchUp {
  ONE_ROW_INSERTS("one-row inserts", 1, false) {
    @Override
    String work(Dialect sql, int rows) {
      return sql.loop(rows, sql.insertOne("i"));
    }
  },
  ONE_ROW_UPDATES("one-row updates", 1, true) {
    @Override
    String work(Dialect sql, int rows) {
      return sql.loop(rows, "UPDATE item SET amount = amount + 1, touched = now() WHERE id = i");
    }
  },
  INSERTS("inserts, 1000 per transaction", 1000, false) {
    @Override
    String work(Dialect sql, int rows) {
      return sql.loop(rows / 1000, sql.insert("i * 1000 - 999", 1000));
    }
  },
  UPDATES("updates, 1000 per transaction", 1000, true) {
    @Override
    String work(Dialect sql, int rows) {
      return sql.loop(
          rows / 1000,
          "UPDATE item SET amount = amount + 1, touched = now()"
              + " WHERE id BETWEEN i * 1000 - 999 AND i * 1000");
    }
  },
  DELETES("deletes, 1000 per transaction", 1000, true) {
    @Override
    String work(Dialect sql, int rows) {
      return sql.loop(rows / 1000, "DELETE FROM item WHERE id BETWEEN i * 1000 - 999 AND i * 1000");
    }
  };

  private final String title;
  private final int perTransaction;
  private final boolean changesRows;

  CatchUp(String title, int perTransaction, boolean changesRows) {
    this.title = title;
    this.perTransaction = perTransaction;
    this.changesRows = changesRows;
  }

  String title() {
    return title;
  }

  /** What piles up. */
  abstract String work(Dialect sql, int rows);

  /** Fewer rows where each is a transaction: they take longer to make. */
  int rows(int requested) {
    return perTransaction == 1 ? requested / 2 : requested;
  }

  /**
   * @param rowsPerSecond from the release until the last commit was visible
   * @param cpuPerMillion CPU seconds per million rows of each process
   */
  record Figure(double rowsPerSecond, Map<String, Double> cpuPerMillion) {}

  /** Makes the work while {@code way} is held back, releases it and waits for the end. */
  Figure measure(Replication way, int requested, long mark)
      throws SQLException, InterruptedException {
    int rows = rows(requested);
    Dialect sql = way.dialect();
    try (Connection source = way.source();
        Connection target = way.target();
        Statement at = source.createStatement();
        Statement seen = target.createStatement()) {
      execute(at, sql.makeInHaste());
      at.execute("DELETE FROM item");
      if (changesRows) { // they must be at both ends before
        at.execute(sql.insert("1", rows));
      }
      at.execute("INSERT INTO finish VALUES (" + mark + ")");
      await(seen, mark);
      way.hold();
      at.execute(work(sql, rows));
      at.execute("INSERT INTO finish VALUES (" + (mark + 1) + ")");
      execute(at, sql.settle());
      Map<String, Double> before = way.cpuSeconds();
      long start = System.nanoTime();
      way.release();
      await(seen, mark + 1);
      double seconds = (System.nanoTime() - start) / 1e9;
      Map<String, Double> cpu = new LinkedHashMap<>();
      way.cpuSeconds()
          .forEach((process, s) -> cpu.put(process, (s - before.get(process)) / rows * 1e6));
      return new Figure(rows / seconds, cpu);
    }
  }

  private static void await(Statement target, long mark) throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + 300_000_000_000L;
    while (true) {
      try (var rows = target.executeQuery("SELECT 1 FROM finish WHERE id = " + mark)) {
        if (rows.next()) {
          return;
        }
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("the target did not catch up within five minutes");
      }
      Thread.sleep(2);
    }
  }

  private static void execute(Statement statement, String... all) throws SQLException {
    for (String sql : all) {
      statement.execute(sql);
    }
  }
}
