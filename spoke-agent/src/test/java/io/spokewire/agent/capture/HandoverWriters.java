package io.spokewire.agent.capture;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Users who write all the time, to rows of their own in {@code entry} and to the same counters. */
public final class HandoverWriters {
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicInteger committed = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();

  /** How a user gets a connection. */
  public interface Door {
    Connection connect() throws SQLException;
  }

  public HandoverWriters(int writers, Door door) {
    for (int n = 0; n < writers; n++) {
      int writer = n;
      threads.add(Thread.ofPlatform().start(() -> write(door, writer)));
    }
  }

  /** Returns when so many more transactions are committed. */
  public void awaitMore(int transactions) {
    int before = committed.get();
    while (committed.get() < before + transactions) {
      Thread.onSpinWait();
    }
  }

  /** Returns how many transactions were committed in all. */
  public int stop() throws InterruptedException {
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    return committed.get();
  }

  private void write(Door door, int writer) {
    try (Connection connection = door.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (long n = 1; !stop.get(); n++) {
        try {
          statement.execute(
              "insert into entry values (" + (writer * 1_000_000L + n) + ", " + writer + ")");
          statement.execute("update counter set n = n + 1 where id = " + (1 + n % 4));
          connection.commit();
          committed.incrementAndGet();
        } catch (SQLTransactionRollbackException e) {
          connection.rollback(); // the server ended a deadlock with who locks all tables
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
