package io.spokewire.deploy.bench;

import java.sql.Connection;
import java.sql.DriverManager;
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
  ONE_ROW_INSERTS("one-row inserts", 1) {
    @Override
    String prepare(int rows) {
      return "";
    }

    @Override
    String work(int rows) {
      return loop(rows, "INSERT INTO item VALUES (%s)".formatted(columns("i")));
    }
  },
  ONE_ROW_UPDATES("one-row updates", 1) {
    @Override
    String prepare(int rows) {
      return fill(rows);
    }

    @Override
    String work(int rows) {
      return loop(rows, "UPDATE item SET amount = amount + 1, touched = now() WHERE id = i");
    }
  },
  INSERTS("inserts, 1000 per transaction", 1000) {
    @Override
    String prepare(int rows) {
      return "";
    }

    @Override
    String work(int rows) {
      return loop(
          rows / 1000,
          "INSERT INTO item SELECT %s FROM generate_series(i * 1000 - 999, i * 1000) g"
              .formatted(columns("g")));
    }
  },
  UPDATES("updates, 1000 per transaction", 1000) {
    @Override
    String prepare(int rows) {
      return fill(rows);
    }

    @Override
    String work(int rows) {
      return loop(
          rows / 1000,
          "UPDATE item SET amount = amount + 1, touched = now()"
              + " WHERE id BETWEEN i * 1000 - 999 AND i * 1000");
    }
  },
  DELETES("deletes, 1000 per transaction", 1000) {
    @Override
    String prepare(int rows) {
      return fill(rows);
    }

    @Override
    String work(int rows) {
      return loop(rows / 1000, "DELETE FROM item WHERE id BETWEEN i * 1000 - 999 AND i * 1000");
    }
  };

  static final String[] TABLES = {
    "CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL, amount int NOT NULL,"
        + " price numeric(10,2) NOT NULL, touched timestamptz NOT NULL, note text NOT NULL)",
    "CREATE TABLE finish (id bigint PRIMARY KEY)"
  };

  private final String title;
  private final int perTransaction;

  CatchUp(String title, int perTransaction) {
    this.title = title;
    this.perTransaction = perTransaction;
  }

  String title() {
    return title;
  }

  /** What must be at both ends before; it is replicated and waited for. */
  abstract String prepare(int rows);

  /** What piles up. */
  abstract String work(int rows);

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
    try (Connection source = DriverManager.getConnection(way.sourceUrl(), "postgres", "");
        Connection target = DriverManager.getConnection(way.targetUrl(), "postgres", "");
        Statement at = source.createStatement();
        Statement seen = target.createStatement()) {
      at.execute("SET synchronous_commit = off");
      at.execute("DELETE FROM item");
      if (!prepare(rows).isEmpty()) {
        at.execute(prepare(rows));
      }
      at.execute("INSERT INTO finish VALUES (" + mark + ")");
      await(seen, mark);
      way.hold();
      at.execute(work(rows));
      at.execute("INSERT INTO finish VALUES (" + (mark + 1) + ")");
      at.execute("CHECKPOINT"); // no server has that to do in the measurement
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

  private static String fill(int rows) {
    return "INSERT INTO item SELECT %s FROM generate_series(1, %d) g".formatted(columns("g"), rows);
  }

  private static String columns(String id) {
    return "%1$s, 'item number ' || %1$s, %1$s %% 1000, (%1$s %% 10000) / 100.0, now(), repeat('x', 60)"
        .formatted(id);
  }

  private static String loop(int times, String statement) {
    return "DO $$ BEGIN FOR i IN 1..%d LOOP %s; COMMIT; END LOOP; END $$"
        .formatted(times, statement);
  }
}
