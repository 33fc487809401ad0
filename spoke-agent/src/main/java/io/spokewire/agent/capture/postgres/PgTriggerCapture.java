package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.TriggerPosition;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Predicate;

/** Opens the changes of one PostgreSQL database as its triggers logged them. From any thread. */
public final class PgTriggerCapture implements ChangeSource.Factory {
  private final PgDatabase database;
  private final TableScope scope;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final SpoolDirectory spools;
  private final TimeSource time;

  /**
   * @param isNew as for {@link PgCapture}
   * @param spools for this source alone
   */
  public PgTriggerCapture(
      PgDatabase database,
      TableScope scope,
      MarkerSeal seal,
      Predicate<AppliedMarker> isNew,
      SpoolDirectory spools,
      TimeSource time) {
    this.database = database;
    this.scope = scope;
    this.seal = seal;
    this.isNew = isNew;
    this.spools = spools;
    this.time = time;
  }

  /** The place where this batch ends. */
  public static SourcePosition endOf(long batch) {
    return TriggerPosition.endOf(batch).position();
  }

  @Override
  public ChangeSource open(SourcePosition after) {
    Session session = new Session(database);
    Connection connection = null;
    try {
      connection = database.connect();
      TriggerPosition start =
          after.isNone()
              ? TriggerPosition.endOf(new PgChangeLog(connection).first().orElse(0L))
              : TriggerPosition.of(after);
      CataloguedRelations relations = CataloguedRelations.withWholeImages(scope, session);
      return new PgTriggerSource(
          database,
          connection,
          session,
          new TransactionAssembler(relations, seal, isNew, spools, Lsn.of(after)),
          time,
          start);
    } catch (SQLException e) {
      release(session, connection);
      throw PgFaults.of("open the change log", database, e);
    } catch (RuntimeException e) {
      release(session, connection);
      throw e;
    }
  }

  private static void release(
      Session session, @org.jspecify.annotations.Nullable Connection connection) {
    session.close();
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // The server notices by itself.
      }
    }
  }

  @Override
  public int compare(SourcePosition a, SourcePosition b) {
    return Long.compare(Lsn.of(a), Lsn.of(b));
  }
}
