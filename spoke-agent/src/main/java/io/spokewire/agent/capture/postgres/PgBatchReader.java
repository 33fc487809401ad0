package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.postgres.LoggedShapes.Shape;
import io.spokewire.agent.capture.trigger.BatchReader;
import io.spokewire.agent.capture.trigger.TriggerPosition;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads logged rows as the messages that the log would have had for them, so that a transaction is
 * put together as one from there.
 */
final class PgBatchReader implements BatchReader {
  private final Connection connection;
  private final PgChangeLog log;
  private final LoggedShapes shapes;
  private final TransactionAssembler assembler;
  private final CompositeText oldRow = new CompositeText();
  private final CompositeText newRow = new CompositeText();
  private final Map<Integer, Shape> described = new HashMap<>(); // to the assembler, lastly

  private String snapshot; // at the end of the batch before the one that is read

  /**
   * @param connection of the log, in autocommit mode
   * @param assembler taken over
   * @param snapshot at the end of the batch before the first that is read
   */
  PgBatchReader(
      Connection connection,
      PgChangeLog log,
      LoggedShapes shapes,
      TransactionAssembler assembler,
      String snapshot) {
    this.connection = connection;
    this.log = log;
    this.shapes = shapes;
    this.assembler = assembler;
    this.snapshot = snapshot;
  }

  @Override
  public @Nullable Captured poll() {
    return assembler.poll();
  }

  @Override
  public @Nullable Batch open(long number) throws SQLException {
    String until = log.snapshot(number);
    if (until == null) {
      log.endNext(number - 1, snapshot);
      until = log.snapshot(number);
    }
    if (until == null) {
      return null;
    }
    Batch next = new Snapshots(snapshot, until);
    snapshot = until;
    return next;
  }

  @Override
  public void close() {
    assembler.close();
  }

  /** What one snapshot sees and the one before did not. */
  private final class Snapshots implements Batch {
    private final PreparedStatement query;
    private final ResultSet row;
    private boolean more;

    Snapshots(String previous, String until) throws SQLException {
      connection.setAutoCommit(false); // so that rows come as they are taken
      this.query = log.rows(previous, until);
      this.row = query.executeQuery();
      this.more = row.next();
    }

    @Override
    public boolean hasNext() {
      return more;
    }

    @Override
    public void skip() throws SQLException {
      String xid = row.getString(1);
      while (isOf(xid)) {
        more = row.next();
      }
    }

    @Override
    public void read(TriggerPosition at) throws SQLException {
      String xid = row.getString(1);
      long micros = 0;
      NestedChanges nested = null;
      assembler.accept(new PgOutputMessage.Begin(0, 0, 0));
      while (isOf(xid)) {
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
        more = row.next();
      }
      if (nested != null) {
        nested.inOrder().forEach(this::take);
      }
      assembler.accept(new PgOutputMessage.Commit(at.number(), at.number(), micros));
    }

    private boolean isOf(String xid) throws SQLException {
      return more && row.getString(1).equals(xid);
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

    @Override
    public void close() throws SQLException {
      query.close();
      connection.commit();
      connection.setAutoCommit(true);
    }
  }
}
