package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.LoggedRow;
import io.spokewire.agent.capture.OpenTransaction;
import io.spokewire.agent.capture.ReadyEvents;
import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.capture.mysql.IdSnapshot.Range;
import io.spokewire.agent.capture.trigger.BatchReader;
import io.spokewire.agent.capture.trigger.TriggerPosition;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SourcePosition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads logged rows by their numbers; while there are none, finds out which numbers nobody will use
 * any more, and which tables were altered.
 */
final class MyBatchReader implements BatchReader {
  private final MyChangeLog log;
  private final LoggedShapes shapes;
  private final HoleWatch holes;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final LoggedRow decoder = new LoggedRow();
  private final OpenTransaction current;
  private final ReadyEvents ready = new ReadyEvents();

  private IdSnapshot seen; // at the end of the batch before the one that is read
  private SourcePosition given;

  /**
   * @param isNew whether a marker's positions are not applied yet at this place; a marker that is
   *     not new is a copy, and the transaction around it a user's own
   * @param spool taken over
   * @param seen at the end of the batch before the first that is read
   * @param after where events are wanted from
   */
  MyBatchReader(
      MyChangeLog log,
      LoggedShapes shapes,
      HoleWatch holes,
      MarkerSeal seal,
      Predicate<AppliedMarker> isNew,
      RowSpool spool,
      IdSnapshot seen,
      SourcePosition after) {
    this.log = log;
    this.shapes = shapes;
    this.holes = holes;
    this.seal = seal;
    this.isNew = isNew;
    this.current = new OpenTransaction(spool);
    this.seen = seen;
    this.given = after;
  }

  @Override
  public @Nullable Captured poll() {
    return ready.poll();
  }

  @Override
  public @Nullable Batch open(long number) throws SQLException {
    IdSnapshot until = log.snapshot(number);
    if (until == null) {
      Set<Long> used = new HashSet<>();
      IdSnapshot now = log.look(seen, used);
      if (now == seen) {
        seen = seen.without(holes.dead(seen.holes()));
        shapes.keepUp(seen);
        return null;
      }
      shapes.demandPresent(used);
      log.put(number, now);
      until = log.snapshot(number);
    }
    if (until == null) {
      return null;
    }
    Batch next = new Numbers(number, until.since(seen));
    seen = until;
    return next;
  }

  @Override
  public void close() {
    current.close();
    ready.close();
  }

  /** The numbers that one look saw and the one before did not. */
  private final class Numbers implements Batch {
    private final long number;
    private final Statement query;
    private final ResultSet row;
    private boolean more;

    Numbers(long number, List<Range> ids) throws SQLException {
      this.number = number;
      List<ResultSet> result = new ArrayList<>();
      this.query = log.rows(ids, result);
      this.row = result.getFirst();
      this.more = row.next();
    }

    @Override
    public boolean hasNext() {
      return more;
    }

    @Override
    public void skip() throws SQLException {
      long place = row.getLong(3);
      while (isOf(place)) {
        more = row.next();
      }
    }

    @Override
    public void read(TriggerPosition at) throws SQLException {
      long place = row.getLong(3);
      long micros = 0;
      while (isOf(place)) {
        micros = Math.max(micros, row.getLong(4));
        take();
        more = row.next();
      }
      SourcePosition before = given;
      given = at.position();
      ready.add(current, before, given, micros);
      current.clear();
    }

    private boolean isOf(long place) throws SQLException {
      return more && row.getLong(3) == place;
    }

    private void take() throws SQLException {
      char operation = row.getString(5).charAt(0);
      if (operation == 'M') {
        seal.open(Bytes.wrap(row.getBytes(7))).ifPresent(mark -> current.marked(mark, isNew));
      } else if (current.marker() == null) {
        Optional<LoggedShape> shape = shapes.get(row.getLong(6));
        if (shape.isPresent()) {
          current.uses(shape.get().schema());
          decoder.decode(operation, shape.get().form(), row.getBytes(7), current.spool());
        }
      }
    }

    @Override
    public void close() throws SQLException {
      given = TriggerPosition.endOf(number).position();
      row.close();
      query.close();
    }
  }
}
