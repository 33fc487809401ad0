package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.deploy.cluster.PostgresSite;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;

/**
 * A user of one site who can tell afterwards what must be there: books numbered transactions in
 * table {@code ledger}, one to three rows each, and remembers which commits were acknowledged, and
 * of which the outcome is not known. Every third one adds its name to the lineage of a row that all
 * sites write to. A server that goes away is waited for.
 */
final class Clerk {
  static final int HOT_ROWS = 150;
  static final String[] TABLES = {
    "CREATE TABLE ledger (id text PRIMARY KEY, site text NOT NULL, n int NOT NULL,"
        + " amount bigint NOT NULL)",
    "CREATE TABLE hot (id int PRIMARY KEY, lineage text NOT NULL)",
    "CREATE TABLE bulk (site text, batch int, n int, note text, PRIMARY KEY (site, batch, n))"
  };

  /**
   * Counts how often each row of the ledger was written at a site, by whomever, in the writing
   * transaction: a row that was applied twice shows, though the second time changed nothing.
   */
  static final String[] COUNTING = {
    "CREATE SCHEMA counting",
    "CREATE TABLE counting.write (id text, operation text)",
    """
    CREATE FUNCTION counting.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      INSERT INTO counting.write VALUES (coalesce(new.id, old.id), tg_op);
      RETURN NULL;
    END $$\
    """,
    "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON ledger"
        + " FOR EACH ROW EXECUTE FUNCTION counting.note()",
    "ALTER TABLE ledger ENABLE ALWAYS TRIGGER note"
  };

  private final PostgresSite site;
  private final Random random;
  private final int pauseMillis;
  private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
  private final Set<Integer> unknown = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Integer> hotRows = new ConcurrentHashMap<>();
  private int last;
  private volatile boolean stopped;
  private volatile Throwable failure;
  private Thread thread;

  Clerk(PostgresSite site, long seed, int pauseMillis) {
    this.site = site;
    this.random = new Random(seed);
    this.pauseMillis = pauseMillis;
  }

  PostgresSite site() {
    return site;
  }

  /** Goes on in the background until {@link #stop()}. */
  void start() {
    stopped = false;
    failure = null;
    thread = Thread.ofPlatform().name("clerk at " + site.name()).start(this::work);
  }

  /** Ends after the transaction under way. */
  void stop() throws InterruptedException {
    abandon();
    if (failure != null) {
      throw new AssertionError("clerk at " + site.name(), failure);
    }
  }

  /** As {@link #stop()}, without asking how it went: after a test that failed already. */
  void abandon() throws InterruptedException {
    stopped = true;
    if (thread != null) {
      thread.join();
      thread = null;
    }
  }

  int acknowledged() {
    return acknowledged.size();
  }

  /** Waits until so many more commits are acknowledged. */
  void awaitCommits(int more) {
    int target = acknowledged() + more;
    Awaitility.await("commits of the clerk at " + site.name())
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              if (failure != null) {
                throw new AssertionError("clerk at " + site.name(), failure);
              }
              return acknowledged() >= target;
            });
  }

  /** What a site must hold of this clerk: all that was acknowledged, whole, and nothing else. */
  void verifyAt(PostgresSite other) {
    Map<Integer, String> there = new TreeMap<>();
    forEach(
        other,
        "SELECT n, count(*) || ' rows, ' || sum(amount) FROM ledger WHERE site = '%s' GROUP BY n"
            .formatted(site.name()),
        row -> there.put(row.getInt(1), row.getString(2)));
    Map<Integer, String> expected = new TreeMap<>();
    for (int n : acknowledged) {
      expected.put(n, booked(n));
    }
    for (int n : unknown) {
      if (there.containsKey(n)) {
        expected.put(n, booked(n));
      }
    }
    assertThat(there)
        .as("what %s booked, at %s", site.name(), other.name())
        .containsExactlyInAnyOrderEntriesOf(expected);
  }

  /** Names that this clerk has surely left in the lineage of a row, by row. */
  Map<String, Integer> lineages() {
    Map<String, Integer> names = new HashMap<>();
    hotRows.forEach(
        (n, row) -> {
          if (acknowledged.contains(n)) {
            names.put(site.name() + "-" + n, row);
          }
        });
    return names;
  }

  private static String booked(int n) {
    long rows = n % 3 + 1;
    long sum = 0;
    for (int i = 0; i < rows; i++) {
      sum += n * 10L + i;
    }
    return rows + " rows, " + sum;
  }

  private void work() {
    while (!stopped) {
      try (Connection connection = site.connect()) {
        connection.setAutoCommit(false);
        while (!stopped) {
          book(connection, last + 1);
          Thread.sleep(pauseMillis);
        }
      } catch (SQLException | IllegalStateException e) {
        if (!isAway(e)) {
          failure = e;
          return;
        }
        pause();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void book(Connection connection, int n) throws SQLException {
    last = n;
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO ledger SELECT '%1$s-%2$d-' || i, '%1$s', %2$d, %2$d * 10 + i FROM generate_series(0, %3$d) i"
              .formatted(site.name(), n, n % 3));
      if (n % 3 == 0) {
        int row = random.nextInt(HOT_ROWS);
        statement.execute(
            "UPDATE hot SET lineage = lineage || ',%s-%d' WHERE id = %d"
                .formatted(site.name(), n, row));
        hotRows.put(n, row);
      }
    } catch (SQLException e) {
      if (String.valueOf(e.getSQLState()).startsWith("40")) { // a deadlock: rolled back
        connection.rollback();
        return;
      }
      throw e; // and nothing was committed
    }
    try {
      connection.commit();
      acknowledged.add(n);
    } catch (SQLException e) {
      unknown.add(n);
      throw e;
    }
  }

  /** Whether it is the server that is down, or going down, or coming up. */
  private static boolean isAway(Exception e) {
    Throwable cause = e instanceof SQLException ? e : e.getCause();
    if (!(cause instanceof SQLException sql)) {
      return false;
    }
    String state = String.valueOf(sql.getSQLState());
    return state.startsWith("08") || state.startsWith("57P");
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads one row. */
  interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  static void forEach(PostgresSite site, String sql, RowReader reader) {
    try (Connection connection = site.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        reader.read(rows);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(site.name() + ": " + e.getMessage(), e);
    }
  }
}
