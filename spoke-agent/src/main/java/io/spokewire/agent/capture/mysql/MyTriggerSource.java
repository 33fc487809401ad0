package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.LoggedRow;
import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.TriggerPosition;
import io.spokewire.agent.capture.mysql.IdSnapshot.Range;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.Mark;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFaults;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The committed changes of one database, read from what its triggers logged, batch by batch.
 *
 * <p>Reads no further than the transaction it gives: what the caller learned from one event holds
 * when the next one is looked at.
 */
final class MyTriggerSource implements ChangeSource {
  /** So often an idle server is asked whether there is something new. */
  private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

  /** At most so often the log is rid of what is confirmed. */
  private static final long FORGET_NANOS = Duration.ofSeconds(1).toNanos();

  private final MyDatabase database;
  private final Connection connection;
  private final MyChangeLog log;
  private final Session session; // what must not disturb the reading of a batch
  private final LoggedShapes shapes;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final TimeSource time;
  private final HoleWatch holes;
  private final LoggedRow decoder = new LoggedRow();
  private final LogTransaction current;
  private final Set<SchemaId> announced = new HashSet<>();
  private final Queue<Captured> ready = new ArrayDeque<>();
  private volatile SourcePosition toConfirm = SourcePosition.NONE;

  private TriggerPosition at;
  private SourcePosition given;
  private IdSnapshot seen; // at the end of the batch before the one that is read
  private @Nullable Batch open;
  private int skip; // so many transactions of the next batch were given before
  private long polledAt;
  private long forgotten;
  private long forgottenAt;

  /**
   * @param connection for this source alone, in autocommit mode
   * @param isNew whether a marker's positions are not applied yet at this place; a marker that is
   *     not new is a copy, and the transaction around it a user's own
   * @param after where it goes on
   */
  MyTriggerSource(
      MyDatabase database,
      Connection connection,
      Session session,
      LoggedShapes shapes,
      MarkerSeal seal,
      Predicate<AppliedMarker> isNew,
      SpoolDirectory spools,
      TimeSource time,
      SourcePosition after)
      throws SQLException {
    this.database = database;
    this.connection = connection;
    this.log = new MyChangeLog(connection);
    this.session = session;
    this.shapes = shapes;
    this.seal = seal;
    this.isNew = isNew;
    this.time = time;
    this.holes = new HoleWatch(log, time);
    long first = log.first().orElse(-1L);
    long last = log.last().orElse(-1L);
    TriggerPosition start =
        after.isNone() ? TriggerPosition.endOf(Math.max(first, 0)) : TriggerPosition.of(after);
    if (start.wholeBatches() < first || start.batch() > last || first < 0) {
      throw MyChangeLog.lost(
          "spokewire.change_batch",
          "the change log has batches "
              + first
              + " to "
              + last
              + ", and capture stands in "
              + start.batch());
    }
    this.at = TriggerPosition.endOf(start.wholeBatches());
    this.given = after;
    this.skip = start.index() == TriggerPosition.END ? 0 : start.index();
    IdSnapshot known = log.snapshot(at.batch());
    if (known == null) {
      throw MyChangeLog.lost("spokewire.change_batch", "a batch's end is gone");
    }
    this.seen = known;
    this.forgotten = first;
    this.polledAt = time.nanos() - POLL_NANOS;
    this.forgottenAt = time.nanos() - FORGET_NANOS;
    this.current = new LogTransaction(new RowSpool(spools));
  }

  @Override
  public @Nullable Captured next(Duration wait) throws InterruptedException {
    long end = time.nanos() + wait.toNanos();
    try {
      while (true) {
        Captured event = ready.poll();
        if (event != null) {
          return event;
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Batch batch = open;
        if (batch != null) {
          if (!batch.readTransaction()) {
            batch.close();
            open = null;
            given = at.position();
            return new Captured.Progress(given);
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
          long left = end - time.nanos();
          if (left <= 0) {
            return null;
          }
          long untilPoll = POLL_NANOS - (time.nanos() - polledAt);
          LockSupport.parkNanos(Math.max(Math.min(left, untilPoll), 1));
        }
      }
    } catch (SQLException e) {
      throw MyFaults.of("read the change log", database, e);
    }
  }

  private void openNext() throws SQLException {
    long next = at.batch() + 1;
    IdSnapshot until = log.snapshot(next);
    if (until == null) {
      Set<Long> used = new HashSet<>();
      IdSnapshot now = log.look(seen, used);
      if (now == seen) {
        seen = seen.without(holes.dead(seen.holes()));
        shapes.keepUp(seen);
        return;
      }
      shapes.demandPresent(used);
      log.put(next, now);
      until = log.snapshot(next);
    }
    if (until != null) {
      polledAt = time.nanos() - POLL_NANOS; // there may be more behind it
      open = new Batch(next, until.since(seen));
      seen = until;
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
            new MyChangeLog(other).forget(upTo);
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
    current.close();
    for (Captured event = ready.poll(); event != null; event = ready.poll()) {
      if (event instanceof Captured.Local local) {
        local.rows().close();
      }
    }
    session.close();
    try {
      connection.close();
    } catch (SQLException e) {
      // The server notices by itself.
    }
  }

  private void finish(long commitMicros) {
    SourcePosition before = given;
    given = at.position();
    AppliedMarker marker = current.marker();
    BarrierId barrier = current.barrier();
    if (marker != null) {
      ready.add(new Captured.Applied(given, marker));
    } else if (!current.spool().isEmpty()) {
      for (TableSchema schema : current.shapes()) {
        if (announced.add(schema.id())) {
          ready.add(new Captured.Shape(before, schema));
        }
      }
      ready.add(new Captured.Local(given, commitMicros, current.spool().take()));
    } else if (barrier != null) {
      ready.add(new Captured.Barrier(given, barrier));
    }
    current.clear();
  }

  private void mark(byte[] sealed) {
    Optional<Mark> mark = seal.open(Bytes.wrap(sealed));
    if (mark.isEmpty()) {
      return;
    }
    switch (mark.get()) {
      case Mark.Applied applied -> {
        if (isNew.test(applied.marker())) {
          current.marked(applied.marker());
        }
      }
      case Mark.Barrier barrier -> current.marked(barrier.barrier());
    }
  }

  /** One batch while it is read. */
  private final class Batch {
    private final long number;
    private final Statement query;
    private final ResultSet row;
    private boolean more;
    private int index;

    Batch(long number, List<Range> ids) throws SQLException {
      this.number = number;
      List<ResultSet> result = new ArrayList<>();
      this.query = log.rows(ids, result);
      this.row = result.getFirst();
      this.more = row.next();
    }

    /** Puts the next transaction together; false if there is none. */
    boolean readTransaction() throws SQLException {
      if (!more) {
        at = TriggerPosition.endOf(number);
        return false;
      }
      long place = row.getLong(3);
      boolean done = skip > 0;
      long micros = 0;
      while (more && row.getLong(3) == place) {
        if (!done) {
          micros = Math.max(micros, row.getLong(4));
          take();
        }
        more = row.next();
      }
      index++;
      at = new TriggerPosition(number, index);
      if (done) {
        skip--;
      } else {
        finish(micros);
      }
      return true;
    }

    private void take() throws SQLException {
      char operation = row.getString(5).charAt(0);
      if (operation == 'M') {
        mark(row.getBytes(7));
      } else if (current.marker() == null) {
        Optional<LoggedShape> shape = shapes.get(row.getLong(6));
        if (shape.isPresent()) {
          current.uses(shape.get().schema());
          decoder.decode(operation, shape.get().form(), row.getBytes(7), current.spool());
        }
      }
    }

    void close() throws SQLException {
      row.close();
      query.close();
    }
  }
}
