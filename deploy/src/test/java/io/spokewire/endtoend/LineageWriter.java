package io.spokewire.endtoend;

import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.PostgresSite;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.awaitility.Awaitility;

/**
 * A user of one site who writes to a few rows that everybody writes to, as often as it is told, so
 * that a slow machine sees the same number of writes as a fast one. Each write adds its name to the
 * row's lineage, so that a value tells which writes it was made on top of. Remembers what the
 * database acknowledged; the database is never disturbed, so there is no doubt.
 */
final class LineageWriter {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(4);

  private final DatabaseSite site;
  private final int rows;
  private final Random random;
  private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();
  private final Semaphore asked = new Semaphore(0);
  private final Thread thread;
  private int askedInAll;
  private volatile Throwable failure;

  LineageWriter(DatabaseSite site, int rows, long seed) {
    this.site = site;
    this.rows = rows;
    this.random = new Random(seed);
    this.thread = Thread.ofPlatform().name("writer at " + site.name()).unstarted(this::work);
  }

  /** Makes the table. */
  static void prepare(DatabaseSite site) {
    String table =
        "CREATE TABLE hot (id int PRIMARY KEY, amount bigint NOT NULL, lineage %s NOT NULL)";
    if (site instanceof PostgresSite postgres) {
      postgres.createTables(table.formatted("text"));
    } else {
      site.execute(table.formatted("longtext"));
    }
  }

  void start() {
    thread.start();
  }

  /** Goes on in the background until it has written so much more. */
  void write(int more) {
    askedInAll += more;
    asked.release(more);
  }

  /** Waits until not more than so many of the writes asked for are still to come. */
  void awaitLeft(int left) {
    Awaitility.await("writes at " + site.name())
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              if (failure != null) {
                throw new AssertionError("writer at " + site.name(), failure);
              }
              return askedInAll - acknowledged.size() <= left;
            });
  }

  /** Ends at once, whatever is still to come. */
  void stop() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }

  /** The row of each write that was acknowledged, by the name it left there. */
  Map<String, Integer> acknowledged() {
    return Map.copyOf(acknowledged);
  }

  private void work() {
    try (Connection connection = site.connect();
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE hot SET amount = amount + 1, lineage = concat(lineage, ',', ?) WHERE id"
                    + " = ?")) {
      for (int n = 1; ; n++) {
        asked.acquire();
        int row = random.nextInt(rows);
        String name = site.name() + "-" + n;
        update.setString(1, name);
        update.setInt(2, row);
        if (update.executeUpdate() != 1) {
          throw new IllegalStateException("row " + row + " is missing");
        }
        acknowledged.put(name, row);
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // told to end
    } catch (SQLException | RuntimeException e) {
      failure = e;
    }
  }
}
