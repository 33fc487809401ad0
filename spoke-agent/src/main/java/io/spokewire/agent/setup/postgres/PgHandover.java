package io.spokewire.agent.setup.postgres;

import io.spokewire.agent.capture.Era;
import io.spokewire.agent.capture.postgres.PgChangeLog;
import io.spokewire.agent.capture.postgres.PgEras;
import io.spokewire.agent.capture.postgres.PgPublication;
import io.spokewire.agent.capture.postgres.PgSlot;
import io.spokewire.agent.capture.postgres.PgTriggers;
import io.spokewire.agent.capture.trigger.TriggerPosition;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.agent.setup.Handover;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Hands the capture of a PostgreSQL database over from the log to triggers or back, while users
 * write. A new slot has both: a place in the log, and the snapshot of what was committed before it.
 * What that snapshot sees belongs to the method before, everything else to the one after. The new
 * slot waits for whoever is at work, so that triggers that were made before it have seen all of
 * what it leaves to them.
 */
public final class PgHandover implements Handover {
  /** Of the slot that only finds the place for triggers to take over. */
  private static final String PASSING = "_handover";

  private static final int ATTEMPTS = 50;
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  private final PgDatabase database;
  private final PgPublication publication;
  private final PgSlot slot;
  private final PgSlot passing;
  private final PgTriggers triggers = new PgTriggers();

  public PgHandover(PgDatabase database, String publication, String slot) {
    this.database = database;
    this.publication = new PgPublication(publication);
    this.slot = new PgSlot(database, slot);
    this.passing = new PgSlot(database, slot + PASSING);
  }

  @Override
  public List<Era> eras() {
    try (Connection connection = database.connect()) {
      return new PgEras(connection).read();
    } catch (SQLException e) {
      throw PgFaults.of("look how changes were captured", database, e);
    }
  }

  @Override
  public List<String> toTriggers(Era before, List<TablePattern> plan) {
    try (Connection connection = database.connect()) {
      new PgEras(connection).keep(before);
      new PgChangeLog(connection).prepare();
      triggers.makeEach(connection, tables(PgCatalogue.withWholeImages(connection), plan));
      if (passing.exists()) {
        dropOnceIdle(passing); // of an agent that was killed, if the server has not noticed yet
      }
      try (PgSlot.Created place = passing.createPassing()) {
        String seen = PgChangeLog.snapshot(connection, place.snapshot());
        connection.setAutoCommit(false);
        long batch = new PgChangeLog(connection).endAt(seen);
        new PgEras(connection)
            .handOver(
                before.endedAt(place.start()),
                before.next(true, TriggerPosition.endOf(batch).position()));
        connection.commit();
        connection.setAutoCommit(true);
      }
      List<String> lines = new ArrayList<>();
      triggers.made(connection).forEach((table, made) -> lines.add(table + "\t" + made));
      return lines;
    } catch (SQLException e) {
      throw PgFaults.of("hand capture over to triggers", database, e);
    }
  }

  @Override
  public List<String> toLog(Era before, List<TablePattern> plan) {
    try (Connection connection = database.connect()) {
      new PgEras(connection).keep(before);
      publication.ensure(connection, tables(new PgCatalogue(connection), plan));
      if (slot.exists()) {
        dropOnceIdle(slot); // of a handover that was broken off
      }
      try (PgSlot.Created place = slot.create()) {
        String seen = PgChangeLog.snapshot(connection, place.snapshot());
        connection.setAutoCommit(false);
        long batch = new PgChangeLog(connection).endAt(seen);
        new PgEras(connection)
            .handOver(
                before.endedAt(TriggerPosition.endOf(batch).position()),
                before.next(false, place.start()));
        connection.commit();
        connection.setAutoCommit(true);
      }
      return published(connection);
    } catch (SQLException e) {
      throw PgFaults.of("hand capture over to the log", database, e);
    }
  }

  @Override
  public List<String> published() {
    try (Connection connection = database.connect()) {
      return published(connection);
    } catch (SQLException e) {
      throw PgFaults.of("look at what is published", database, e);
    }
  }

  private List<String> published(Connection connection) throws SQLException {
    return publication.published(connection).lines();
  }

  @Override
  public void forget(Era passed) {
    try (Connection connection = database.connect()) {
      PgEras eras = new PgEras(connection);
      eras.forget(passed); // first: of an era that is known everything has to be there
      tidy(connection, eras.read());
    } catch (SQLException e) {
      throw PgFaults.of("take away what captured before", database, e);
    }
  }

  @Override
  public void tidy(List<Era> eras) {
    try (Connection connection = database.connect()) {
      tidy(connection, eras);
    } catch (SQLException e) {
      throw PgFaults.of("take away what captures nothing", database, e);
    }
  }

  private void tidy(Connection connection, List<Era> eras) throws SQLException {
    PgChangeLog log = new PgChangeLog(connection);
    if (eras.stream().noneMatch(Era::byTriggers) && log.exists()) {
      triggers.dropEach(connection);
      log.drop();
    }
    if (eras.stream().allMatch(Era::byTriggers) && slot.exists()) {
      dropOnceIdle(slot);
    }
  }

  /** Who read from it a moment ago may not have let it go yet. */
  private static void dropOnceIdle(PgSlot slot) {
    for (int attempt = 1; ; attempt++) {
      try {
        slot.drop();
        return;
      } catch (Fault fault) {
        if (!fault.healsByItself() || attempt == ATTEMPTS) {
          throw fault;
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private static List<LocalTable> tables(PgCatalogue catalogue, List<TablePattern> plan)
      throws SQLException {
    return catalogue.read(new TableScope(plan, catalogue.defaultSchema()), Set.of()).tables();
  }
}
