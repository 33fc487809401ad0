package io.spokewire.agent.capture.trigger;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.trigger.BatchReader.Batch;
import io.spokewire.agent.schema.Session;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The committed changes of one database, read from what its triggers logged, batch by batch.
 *
 * <p>Reads no further than the transaction it gives: what the caller learned from one event holds
 * when the next one is looked at.
 */
final class TriggerSource implements ChangeSource {
  /** So often an idle database is asked whether there is something new. */
  private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

  /** At most so often the log is rid of what is confirmed. */
  private static final long FORGET_NANOS = Duration.ofSeconds(1).toNanos();

  private final TriggeredDatabase triggered;
  private final Connection connection;
  private final Session session; // what must not disturb the reading of a batch
  private final BatchReader reader;
  private final TimeSource time;
  private volatile SourcePosition toConfirm = SourcePosition.NONE;

  private long batch; // the one that is read, or else the last one that was
  private @Nullable Batch open;
  private int index; // of the last transaction that was met in it
  private int skip; // so many transactions of the next batch were given before
  private long polledAt;
  private long forgotten;
  private long forgottenAt;

  /**
   * @param connection for this source alone, in autocommit mode
   * @param session likewise
   * @param after where it goes on
   */
  TriggerSource(
      TriggeredDatabase triggered,
      Connection connection,
      Session session,
      TimeSource time,
      SourcePosition after)
      throws SQLException {
    this.triggered = triggered;
    this.connection = connection;
    this.session = session;
    this.time = time;
    ChangeLog log = triggered.log(connection);
    long first = log.first().orElse(-1L);
    long last = log.last().orElse(-1L);
    TriggerPosition start =
        after.isNone() ? TriggerPosition.endOf(Math.max(first, 0)) : TriggerPosition.of(after);
    if (start.wholeBatches() < first || start.batch() > last || first < 0) {
      throw log.lost(
          "spokewire.change_batch",
          "the change log has batches "
              + first
              + " to "
              + last
              + ", and capture stands in "
              + start.batch());
    }
    this.batch = start.wholeBatches();
    this.skip = start.index() == TriggerPosition.END ? 0 : start.index();
    this.forgotten = first;
    this.polledAt = time.nanos() - POLL_NANOS;
    this.forgottenAt = time.nanos() - FORGET_NANOS;
    this.reader = triggered.reader(connection, session, after, batch);
  }

  @Override
  public @Nullable Captured next(Duration wait) throws InterruptedException {
    long end = time.nanos() + wait.toNanos();
    try {
      while (true) {
        Captured event = reader.poll();
        if (event != null) {
          return event;
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Batch reading = open;
        if (reading != null) {
          if (!reading.hasNext()) {
            reading.close();
            open = null;
            return new Captured.Progress(TriggerPosition.endOf(batch).position());
          }
          readTransaction(reading);
          continue;
        }
        forgetConfirmed();
        long now = time.nanos();
        if (now - polledAt >= POLL_NANOS) {
          polledAt = now;
          openNext();
        }
        if (open == null) {
          long left = end - time.nanos();
          if (left <= 0) {
            return null;
          }
          long untilPoll = POLL_NANOS - (time.nanos() - polledAt);
          LockSupport.parkNanos(Math.max(Math.min(left, untilPoll), 1));
        }
      }
    } catch (SQLException e) {
      throw triggered.database().fault("read the change log", e);
    }
  }

  private void openNext() throws SQLException {
    open = reader.open(batch + 1);
    if (open != null) {
      polledAt = time.nanos() - POLL_NANOS; // there may be more behind it
      batch++;
      index = 0;
    }
  }

  private void readTransaction(Batch reading) throws SQLException {
    index++;
    if (skip > 0) {
      skip--;
      reading.skip();
    } else {
      reading.read(new TriggerPosition(batch, index));
    }
  }

  private void forgetConfirmed() {
    SourcePosition confirmed = toConfirm;
    if (confirmed.isNone()) {
      return;
    }
    long upTo = TriggerPosition.of(confirmed).wholeBatches();
    long now = time.nanos();
    if (upTo > forgotten && now - forgottenAt >= FORGET_NANOS) {
      forgottenAt = now;
      session.call(
          "forget what is confirmed",
          other -> {
            triggered.log(other).forget(upTo);
            return true;
          });
      forgotten = upTo;
    }
  }

  @Override
  public synchronized void confirm(SourcePosition upTo) {
    if (toConfirm.isBefore(upTo)) {
      toConfirm = upTo;
    }
  }

  @Override
  public void close() {
    reader.close();
    TriggerCapture.release(session, connection);
  }
}
