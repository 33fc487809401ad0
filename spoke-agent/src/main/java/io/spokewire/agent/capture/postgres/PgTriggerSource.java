package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.TriggerPosition;
import io.spokewire.agent.capture.postgres.LoggedShapes.Shape;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The committed changes of one database, read from what its triggers logged, batch by batch.
 *
 * <p>Reads no further than the transaction it gives: what the caller learned from one event holds
 * when the next one is looked at.
 */
final class PgTriggerSource implements ChangeSource {
  /** So often an idle database is asked whether there is something new. */
  private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

  /** At most so often the log is rid of what is confirmed. */
  private static final long FORGET_NANOS = Duration.ofSeconds(1).toNanos();

  private final PgDatabase database;
  private final Connection connection;
  private final PgChangeLog log;
  private final Session session; // what must not disturb the reading of a batch
  private final LoggedShapes shapes;
  private final TransactionAssembler assembler;
  private final TimeSource time;
  private final CompositeText oldRow = new CompositeText();
  private final CompositeText newRow = new CompositeText();
  private final Map<Integer, Shape> described = new HashMap<>(); // to the assembler, lastly
  private final AtomicLong toConfirm = new AtomicLong();

  private TriggerPosition at;
  private String snapshot; // at the end of the batch before the one that is read
  private @Nullable Batch open;
  private int skip; // so many transactions of the next batch were given before
  private long polledAt;
  private long forgotten;
  private long forgottenAt;

  /**
   * @param connection for this source alone, in autocommit mode
   * @param after where it goes on
   */
  PgTriggerSource(
      PgDatabase database,
      Connection connection,
      Session session,
      TransactionAssembler assembler,
      TimeSource time,
      TriggerPosition after)
      throws SQLException {
    this.database = database;
    this.connection = connection;
    this.log = new PgChangeLog(connection);
    this.session = session;
    this.shapes = new LoggedShapes(session);
    this.assembler = assembler;
    this.time = time;
    long first = log.first().orElse(-1L);
    long last = log.last().orElse(-1L);
    if (after.wholeBatches() < first || after.batch() > last || first < 0) {
      throw PgChangeLog.lost(
          "spokewire.change_batch",
          "the change log has batches "
              + first
              + " to "
              + last
              + ", and capture stands in "
              + after.batch());
    }
    this.at = TriggerPosition.endOf(after.wholeBatches());
    this.skip = after.index() == TriggerPosition.END ? 0 : after.index();
    this.snapshot = demandSnapshot(at.batch());
    this.forgotten = first;
    this.polledAt = time.nanos() - POLL_NANOS;
    this.forgottenAt = time.nanos() - FORGET_NANOS;
  }

  private String demandSnapshot(long batch) throws SQLException {
    String known = log.snapshot(batch);
    if (known == null) {
      throw PgChangeLog.lost("spokewire.change_batch", "the end of batch " + batch + " is gone");
    }
    return known;
  }

  @Override
  public @Nullable Captured next(Duration wait) throws InterruptedException {
    long end = time.nanos() + wait.toNanos();
    try {
      while (true) {
        Captured ready = assembler.poll();
        if (ready != null) {
          return ready;
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Batch batch = open;
        if (batch != null) {
          if (!batch.readTransaction()) {
            batch.close();
            open = null;
            return new Captured.Progress(at.position());
          }
          continue;
        }
        forgetConfirmed();
        long now = time.nanos();
        if (now - polledAt >= POLL_NANOS) {
          polledAt = now;
          openNext();
        }
        if (open == null) {
          long left = Math.min(end - time.nanos(), POLL_NANOS - (time.nanos() - polledAt));
          if (end - time.nanos() <= 0) {
            return null;
          }
          LockSupport.parkNanos(Math.max(left, 1));
        }
      }
    } catch (SQLException e) {
      throw PgFaults.of("read the change log", database, e);
    }
  }

  private void openNext() throws SQLException {
    long next = at.batch() + 1;
    String until = log.snapshot(next);
    if (until == null) {
      log.endNext(at.batch(), snapshot);
      until = log.snapshot(next);
    }
    if (until != null) {
      polledAt = time.nanos() - POLL_NANOS; // there may be more behind it
      open = new Batch(next, snapshot, until);
      snapshot = until;
    }
  }

  private void forgetConfirmed() {
    long upTo = TriggerPosition.of(toConfirm.get()).wholeBatches();
    long now = time.nanos();
    if (upTo > forgotten && now - forgottenAt >= FORGET_NANOS) {
      forgottenAt = now;
      session.call(
          "forget what is confirmed",
          other -> {
            new PgChangeLog(other).forget(upTo);
            return true;
          });
      forgotten = upTo;
    }
  }

  @Override
  public void confirm(SourcePosition upTo) {
    if (!upTo.isNone()) {
      toConfirm.accumulateAndGet(Lsn.of(upTo), Math::max);
    }
  }

  @Override
  public void close() {
    assembler.close();
    session.close();
    try {
      connection.close();
    } catch (SQLException e) {
      // The server notices by itself.
    }
  }

  /** One batch while it is read. */
  private final class Batch {
    private final long number;
    private final PreparedStatement query;
    private final ResultSet row;
    private boolean more;
    private int index;

    Batch(long number, String previous, String until) throws SQLException {
      this.number = number;
      connection.setAutoCommit(false); // so that rows come as they are taken
      this.query = log.rows(previous, until);
      this.row = query.executeQuery();
      this.more = row.next();
    }

    /** Puts the next transaction together; false if there is none. */
    boolean readTransaction() throws SQLException {
      if (!more) {
        at = TriggerPosition.endOf(number);
        return false;
      }
      String xid = row.getString(1);
      boolean given = skip > 0;
      long micros = 0;
      if (!given) {
        assembler.accept(new PgOutputMessage.Begin(0, 0, 0));
      }
      NestedChanges nested = null;
      while (more && row.getString(1).equals(xid)) {
        if (!given) {
          micros = Math.max(micros, row.getLong(2));
          LoggedChange change = change();
          if (nested == null && row.getInt(10) > 1) {
            nested = new NestedChanges();
          }
          if (nested == null) {
            take(change);
          } else {
            nested.add(change);
          }
        }
        more = row.next();
      }
      if (nested != null) {
        nested.inOrder().forEach(this::take);
      }
      index++;
      if (given) {
        skip--;
        return true;
      }
      at = new TriggerPosition(number, index);
      assembler.accept(new PgOutputMessage.Commit(at.number(), at.number(), micros));
      return true;
    }

    private LoggedChange change() throws SQLException {
      return new LoggedChange(
          row.getString(3).charAt(0),
          row.getLong(4),
          row.getLong(5),
          row.getInt(9),
          row.getBytes(6),
          row.getBytes(7),
          row.getBytes(8));
    }

    private void take(LoggedChange change) {
      byte[] mark = change.mark();
      if (mark != null) {
        assembler.accept(
            new PgOutputMessage.LogicalMessage(0, true, 0, MarkerSeal.PREFIX, Bytes.wrap(mark)));
        return;
      }
      if (assembler.dropsRows()) {
        return;
      }
      Shape shape = shapes.get(change.relation(), change.shape());
      int table = shape.root().id();
      if (described.put(table, shape) != shape) {
        assembler.accept(shape.root());
      }
      assembler.accept(
          switch (change.operation()) {
            case 'I' -> new PgOutputMessage.Insert(0, table, tuple(newRow, change.newRow(), shape));
            case 'U' ->
                new PgOutputMessage.Update(
                    0,
                    table,
                    tuple(oldRow, change.oldRow(), shape),
                    true,
                    tuple(newRow, change.newRow(), shape));
            case 'D' ->
                new PgOutputMessage.Delete(0, table, tuple(oldRow, change.oldRow(), shape), true);
            case 'T' -> new PgOutputMessage.Truncate(0, List.of(table));
            default -> throw new MalformedBytesException("operation " + change.operation());
          });
    }

    private static TupleData tuple(CompositeText text, byte @Nullable [] logged, Shape shape) {
      if (logged == null) {
        throw new MalformedBytesException("a row is missing in the change log");
      }
      text.read(logged, shape.columns());
      return text.tuple(shape.order());
    }

    void close() throws SQLException {
      query.close();
      connection.commit();
      connection.setAutoCommit(true);
    }
  }
}
