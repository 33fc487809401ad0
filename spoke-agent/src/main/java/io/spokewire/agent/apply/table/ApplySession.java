package io.spokewire.agent.apply.table;

import io.spokewire.agent.apply.MarkerSealing;
import io.spokewire.agent.apply.PlannedRow;
import io.spokewire.agent.apply.Run;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One session of an engine and what hangs on it: the view of parked rows, of kept values, of the
 * checkpoint. Lives until the connection fails. Owned by one thread.
 */
final class ApplySession implements AutoCloseable {
  private final TargetDatabase database;
  private final TargetSession target;
  private final Connection connection;
  private final Predicate<TableName> guarded;
  private final StoredShapes shapes;
  private final ParkedRows parked;
  private final KeptValues kept;
  private Optional<Position> checkpoint = Optional.empty();

  private ApplySession(TargetDatabase database, TargetSession target, ApplySite site)
      throws SQLException {
    this.database = database;
    this.target = target;
    this.connection = target.connection();
    this.guarded = site.guarded();
    this.shapes = new StoredShapes(target, site.schemas());
    this.parked = new ParkedRows(connection, shapes, site.schemas());
    this.kept = new KeptValues(connection, shapes, site.schemas(), target.writer());
  }

  /** Connects, and looks what waits and what is kept. */
  static ApplySession open(TargetDatabase database, ApplySite site) throws SQLException {
    TargetSession target = database.open(site);
    try {
      ApplySession session = new ApplySession(database, target, site);
      session.commit();
      return session;
    } catch (SQLException | RuntimeException e) {
      target.close();
      throw e;
    }
  }

  /** Whether changes of different rows may change places. */
  boolean mayReorder() {
    return target.mayReorder();
  }

  /** Whether changes of this table keep their order all the same. */
  boolean keepsOrder(TableName table) {
    return target.keepsOrder(table);
  }

  void begin(Way way) throws SQLException {
    target.begin(way);
  }

  /** What a failed statement means. */
  Refusal refusal(SQLException e) {
    return database.refusal(e);
  }

  /** Why rows of this shape can't be written here; null if they can. */
  @Nullable String mismatch(SchemaId shape) throws SQLException {
    return target.mismatch(shape);
  }

  RowWriter writer() {
    return target.writer();
  }

  ParkedRows parked() {
    return parked;
  }

  /** Whether changes of this table are made only where the database holds what they replace. */
  boolean guards(TableName table) {
    return guarded.test(table) || kept.concerns(table);
  }

  KeptValues kept() {
    return kept;
  }

  /** What the database has not seen of the positions that its markers name. */
  List<Context.Unseen> unseen() {
    if (kept.isEmpty()) {
      return parked.unseen();
    }
    List<Context.Unseen> unseen = new ArrayList<>(parked.unseen());
    unseen.addAll(kept.unseen());
    return List.copyOf(unseen);
  }

  /**
   * Executes rows of a run, and notes what of them the database keeps off.
   *
   * @return the rows that should have been there and were not
   */
  List<PlannedRow> write(Run run, List<PlannedRow> rows) throws SQLException {
    List<PlannedRow> tried = rows;
    if (kept.concerns(run.table())) {
      tried = new ArrayList<>(rows.size());
      for (PlannedRow row : rows) {
        if (!kept.takes(run, row)) {
          tried.add(row);
        }
      }
      if (tried.isEmpty()) {
        return List.of();
      }
    }
    RowWriter.Written written = target.writer().write(run, tried);
    if (!written.kept().isEmpty() || kept.concerns(run.table())) {
      kept.note(run, tried, written);
    }
    return written.missing();
  }

  /**
   * Takes away every row of a table but some, and what waits for the others or is kept of them. A
   * row that a user's transaction inserts meanwhile stays: the hub gets it after this and says so.
   *
   * @return how many went
   */
  long deleteAllBut(TableSchema schema, List<RowKey> survivors) throws SQLException {
    TableName table = schema.table();
    long gone = target.writer().deleteAllBut(schema, survivors);
    kept.removeAllBut(table, survivors);
    if (!parked.isEmpty()) {
      parked.removeAllBut(table, survivors);
      parked.reload();
    }
    return gone;
  }

  /** The checkpoint as committed; read once, and known from then on. */
  Optional<Position> checkpoint() throws SQLException {
    if (checkpoint.isEmpty()) {
      checkpoint = target.readCheckpoint();
    }
    return checkpoint;
  }

  /** Moves the checkpoint on from where it was committed; false if it is elsewhere. */
  boolean moveCheckpoint(Position to) throws SQLException {
    return target.moveCheckpoint(checkpoint(), to);
  }

  /** Notes that a transaction with this checkpoint was committed. */
  void committed(Position position) {
    checkpoint = Optional.of(position);
  }

  /** Reads the checkpoint again when it is next needed. */
  void forgetCheckpoint() {
    checkpoint = Optional.empty();
  }

  /** Writes a marker into the transaction. */
  void mark(MarkerSealing sealing, Position first, Position last) throws SQLException {
    target.mark(sealing.seal(new AppliedMarker(first, last, unseen())));
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  void commit() throws SQLException {
    target.commit();
  }

  /** Ends the transaction without a trace, also in what is known of parked rows. */
  void rollback() throws SQLException {
    target.rollback();
    shapes.reload();
    parked.reload();
    kept.reload();
    target.rollback();
  }

  /** Looks at every table anew when it is next needed. */
  void forgetTables() {
    target.forgetTables();
  }

  @Override
  public void close() {
    target.close();
  }
}
