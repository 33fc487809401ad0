package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.trigger.BatchReader;
import io.spokewire.agent.capture.trigger.ChangeLog;
import io.spokewire.agent.capture.trigger.TriggeredDatabase;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.LocalDatabase;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Predicate;

/** One PostgreSQL database whose triggers log what is written. Safe from any thread. */
public final class PgTriggeredDatabase implements TriggeredDatabase {
  private final PgDatabase database;
  private final TableScope scope;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final SpoolDirectory spools;

  /**
   * @param isNew as for {@link PgCapture}
   * @param spools for what reads here alone
   */
  public PgTriggeredDatabase(
      PgDatabase database,
      TableScope scope,
      MarkerSeal seal,
      Predicate<AppliedMarker> isNew,
      SpoolDirectory spools) {
    this.database = database;
    this.scope = scope;
    this.seal = seal;
    this.isNew = isNew;
    this.spools = spools;
  }

  @Override
  public LocalDatabase database() {
    return database;
  }

  @Override
  public ChangeLog log(Connection connection) {
    return new PgChangeLog(connection);
  }

  @Override
  public BatchReader reader(
      Connection connection, Session session, SourcePosition after, long batch)
      throws SQLException {
    PgChangeLog log = new PgChangeLog(connection);
    String seen = log.demandSnapshot(batch);
    CataloguedRelations relations = CataloguedRelations.withWholeImages(scope, session);
    return new PgBatchReader(
        connection,
        log,
        new LoggedShapes(session),
        new TransactionAssembler(relations, seal, isNew, spools, Lsn.of(after)),
        seen);
  }
}
