package io.spokewire.endtoend;

import io.spokewire.deploy.cluster.PostgresSite;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A user of one site: random inserts, updates and deletes on tables that all sites write, from one
 * seed. A server that goes away for a moment is waited for.
 */
final class Workload {
  static final String[] TABLES = {
    "CREATE TABLE account (id bigint PRIMARY KEY, owner text NOT NULL, balance numeric(12,2) NOT"
        + " NULL, seen timestamptz NOT NULL DEFAULT now(), note text)",
    "CREATE TABLE entry (account bigint NOT NULL, line int NOT NULL, amount numeric(12,2) NOT NULL,"
        + " big text, PRIMARY KEY (account, line))",
    "CREATE TABLE \"Odd \"\"Name\"\"\" (\"Key.\" uuid PRIMARY KEY, \"select\" jsonb, a int[], b"
        + " bytea, total int GENERATED ALWAYS AS (cardinality(a)) STORED)"
  };

  private final PostgresSite site;
  private final Random random;
  private final int keys;
  private final int pauseMillis;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicInteger committed = new AtomicInteger();
  private Thread thread = Thread.ofVirtual().unstarted(() -> {});
  private volatile Throwable failure;

  /**
   * @param keys how many different rows are fought over
   * @param pauseMillis how long to wait after each transaction
   */
  Workload(PostgresSite site, long seed, int keys, int pauseMillis) {
    this.site = site;
    this.pauseMillis = pauseMillis;
    this.random = new Random(seed);
    this.keys = keys;
  }

  /** Commits this many transactions, on the caller's thread. */
  void run(int transactions) throws SQLException {
    try (Connection connection = site.connect()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < transactions && !stopped.get(); i++) {
        transaction(connection);
        if (pauseMillis > 0) {
          pause();
        }
      }
    }
  }

  /** Goes on in the background until {@link #stop()}. */
  void start() {
    thread =
        Thread.ofPlatform()
            .name("workload " + site.name())
            .start(
                () -> {
                  try {
                    run(Integer.MAX_VALUE);
                  } catch (SQLException | RuntimeException e) {
                    failure = e;
                  }
                });
  }

  void stop() throws InterruptedException {
    stopped.set(true);
    thread.join();
    if (failure != null) {
      throw new AssertionError("workload at " + site.name(), failure);
    }
  }

  /** Stops without asking how it went; after a test that failed already. */
  void abandon() throws InterruptedException {
    stopped.set(true);
    thread.join();
  }

  int committed() {
    return committed.get();
  }

  /** Waits until so many more are committed. */
  void awaitCommits(int more) throws InterruptedException {
    int target = committed() + more;
    long deadline = System.nanoTime() + 120_000_000_000L;
    while (committed() < target) {
      if (failure != null || System.nanoTime() > deadline) {
        throw new AssertionError("workload at " + site.name() + " stands still", failure);
      }
      Thread.sleep(10);
    }
  }

  private void pause() {
    try {
      Thread.sleep(pauseMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void transaction(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        statement.execute(change());
      }
      if (random.nextInt(20) == 0) {
        connection.rollback();
        return;
      }
      connection.commit();
      committed.incrementAndGet();
    } catch (SQLException e) {
      connection.rollback();
      boolean transientFailure = e.getSQLState() != null && e.getSQLState().startsWith("40");
      if (!transientFailure) {
        throw e;
      }
    }
  }

  private String change() {
    long key = random.nextInt(keys);
    int x = random.nextInt(100);
    return switch (x % 3) {
      case 0 -> account(key, x);
      case 1 -> entry(key, x);
      default -> odd(key, x);
    };
  }

  private String account(long key, int x) {
    if (x < 40) {
      return "INSERT INTO account (id, owner, balance, note) VALUES (%d, '%s''s', %d.%02d, NULL)"
              .formatted(key, site.name(), random.nextInt(1000), random.nextInt(100))
          + " ON CONFLICT (id) DO UPDATE SET balance = excluded.balance";
    }
    if (x < 85) {
      return random.nextBoolean()
          ? "UPDATE account SET balance = balance + 1 WHERE id = " + key
          : "UPDATE account SET note = E'%s \\\\ \\u20ac %d', seen = now() WHERE id = %d"
              .formatted(site.name(), random.nextInt(), key);
    }
    return "DELETE FROM account WHERE id = " + key;
  }

  private String entry(long key, int x) {
    int line = random.nextInt(3);
    if (x < 50) {
      return "INSERT INTO entry VALUES (%d, %d, %d, repeat('%s', %d)) ON CONFLICT DO NOTHING"
          .formatted(key, line, random.nextInt(100), site.name(), random.nextInt(300));
    }
    if (x < 85) {
      return "UPDATE entry SET amount = amount + %d WHERE account = %d AND line = %d"
          .formatted(random.nextInt(9), key, line);
    }
    return "DELETE FROM entry WHERE account = " + key;
  }

  private String odd(long key, int x) {
    String id = "00000000-0000-0000-0000-%012d".formatted(key);
    if (x < 50) {
      return """
      INSERT INTO "Odd ""Name""\" ("Key.", "select", a, b) VALUES
      ('%s', '{"n": %d, "q": "\\"x\\""}', '{1,NULL,%d}', '\\x00ff') ON CONFLICT DO NOTHING\
      """
          .formatted(id, random.nextInt(), random.nextInt());
    }
    if (x < 85) {
      return """
      UPDATE "Odd ""Name""\" SET a = ARRAY[%d, NULL, cardinality(a)], "select" = NULL WHERE "Key." = '%s'\
      """
          .formatted(random.nextInt(100), id);
    }
    return "DELETE FROM \"Odd \"\"Name\"\"\" WHERE \"Key.\" = '%s'".formatted(id);
  }
}
