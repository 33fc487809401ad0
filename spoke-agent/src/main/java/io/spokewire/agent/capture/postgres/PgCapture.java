package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import java.util.function.Predicate;

/** Opens the changes of one PostgreSQL database by its slot. Safe from any thread. */
public final class PgCapture implements ChangeSource.Factory {
  private final PgDatabase database;
  private final PgSlot slot;
  private final PgPublication publication;
  private final TableScope scope;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final SpoolDirectory spools;
  private final TimeSource time;

  /**
   * @param isNew whether a marker's positions are not yet in the applied set, as it is after the
   *     event given last; asked by the thread that calls {@code next}. A marker that is not new is
   *     a copy, and the transaction it stands in is a user's own
   * @param spools for this source alone
   */
  public PgCapture(
      PgDatabase database,
      PgSlot slot,
      PgPublication publication,
      TableScope scope,
      MarkerSeal seal,
      Predicate<AppliedMarker> isNew,
      SpoolDirectory spools,
      TimeSource time) {
    this.database = database;
    this.slot = slot;
    this.publication = publication;
    this.scope = scope;
    this.seal = seal;
    this.isNew = isNew;
    this.spools = spools;
    this.time = time;
  }

  @Override
  public ChangeSource open(SourcePosition after) {
    Session session = new Session(database);
    try {
      long start = Lsn.of(after);
      CataloguedRelations relations = new CataloguedRelations(scope, session);
      return new PgChangeSource(
          ReplicationStream.open(database, slot, publication, session, start),
          new TransactionAssembler(relations, seal, isNew, spools, start),
          session,
          time,
          start);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  @Override
  public int compare(SourcePosition a, SourcePosition b) {
    return Long.compareUnsigned(Lsn.of(a), Lsn.of(b));
  }
}
