package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.capture.postgres.PgPublication;
import io.spokewire.agent.capture.postgres.PgSlot;
import io.spokewire.agent.capture.postgres.PublishedTables;
import io.spokewire.agent.pipeline.EmptyTables;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the spoke's publication in step with the plan's tables, and remembers over restarts what it
 * gave of those in use, so that what is taken away from them does not go unseen.
 *
 * <p>A table that comes into the publication later than the join is looked at under a lock, so that
 * "it was empty where its capture began" is exact.
 *
 * <p>Threading: {@code take} and {@code lacking} by the control loop, {@code demandWhole} by any.
 */
public final class PgPublishing implements PgTableCapture {
  private static final Logger LOG = LoggerFactory.getLogger(PgPublishing.class);

  private final PgPublication publication;
  private final StateFile state;
  private final Object place;
  private final TimeSource time;
  private final Set<LocalName> gone = ConcurrentHashMap.newKeySet(); // and said so
  private volatile @Nullable Instant lastWhole; // when what is published was last seen whole

  /**
   * @param place of the publication, for people
   */
  public PgPublishing(PgPublication publication, StateFile state, Object place, TimeSource time) {
    this.publication = publication;
    this.state = state;
    this.place = place;
    this.time = time;
  }

  /**
   * Publishes the tables of a plan that are not published yet, as far as the role may.
   *
   * @param defaultSchema which patterns without a schema mean
   * @return those that it may not
   */
  @Override
  public List<TableReport.Problem> take(
      Connection connection, String defaultSchema, Collection<LocalTable> tables)
      throws SQLException {
    TableScope previous = previous(defaultSchema);
    doubt(connection, previous, tables);
    List<TableReport.Problem> problems = publish(connection, previous, tables);
    remember(connection, previous, tables);
    return problems;
  }

  /** What the agent can't publish by itself once the plan is applied. */
  @Override
  public List<TableReport.Problem> lacking(Connection connection, Collection<LocalTable> tables)
      throws SQLException {
    PublishedTables now = publication.published(connection);
    List<TableReport.Problem> problems = new ArrayList<>();
    for (LocalTable table : tables) {
      if (!now.carries(localName(table)) && !publication.mayAdd(connection, table)) {
        problems.add(notPublished(table, publication.sql(connection, List.of(table))));
      }
    }
    return problems;
  }

  /**
   * Compares what is published now with what was when it was last seen whole.
   *
   * @param inUse the plan's tables
   * @throws Fault NEGATIVE if changes of them are, or may have been, left out
   */
  @Override
  public void demandWhole(Connection connection, Collection<LocalTable> inUse) throws SQLException {
    PublishedTables now = publication.published(connection);
    PublishedTables before = remembered();
    Set<LocalName> present = new TreeSet<>(Comparator.comparing(LocalName::toString));
    for (LocalTable table : inUse) {
      LocalName local = localName(table);
      if (now.knows(local) || exists(connection, local)) {
        present.add(local);
      } else if (gone.add(local)) {
        LOG.warn(
            "{}: the table is gone here; nothing that is done to it under another name is captured"
                + " (apply the plan again when the tables are as they shall be)",
            local);
      }
    }
    Optional<String> lacks = now.lacks(before, present);
    if (lacks.isPresent()) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "capture",
              "publication "
                  + publication.name()
                  + " was altered: "
                  + lacks.get()
                  + "; changes since "
                  + (lastWhole == null ? "before this agent's start" : lastWhole)
                  + " may not have been captured")
          .at(place)
          .hint(PgSlot.RESYNC)
          .build();
    }
    lastWhole = time.instant().truncatedTo(ChronoUnit.SECONDS);
    if (!before.isSamePublication(now)) {
      state.update(s -> s.withPublished(before.asPublishedBy(now).lines()));
    }
  }

  private PublishedTables remembered() {
    return PublishedTables.of(state.get().published());
  }

  /**
   * What is published of the tables now is what must stay. A table that was in use before keeps
   * what is remembered of it, so that {@link #demandWhole} finds what was done to it meanwhile.
   */
  private void remember(Connection connection, TableScope previous, Collection<LocalTable> tables)
      throws SQLException {
    PublishedTables now = publication.published(connection);
    PublishedTables before = remembered();
    boolean first = state.get().planVersion() == 0;
    PublishedTables next = first ? before.asPublishedBy(now) : before;
    for (LocalTable table : tables) {
      LocalName local = localName(table);
      boolean wasInUse = before.knows(local) && previous.nameOf(local).isPresent();
      if (!wasInUse && now.carries(local)) {
        next = next.with(local, now);
      }
    }
    PublishedTables remember = next;
    state.update(s -> s.withPublished(remember.lines()));
  }

  /**
   * A table that comes into use, and was not in the publication all the time since the join, can't
   * be said to have been empty when its capture began: rows that came meanwhile were not captured.
   */
  private void doubt(Connection connection, TableScope previous, Collection<LocalTable> tables)
      throws SQLException {
    PublishedTables now = publication.published(connection);
    PublishedTables before = remembered();
    Set<String> doubtful = new HashSet<>();
    for (LocalTable table : tables) {
      LocalName local = localName(table);
      boolean same = before.isSamePublication(now) && now.isSame(local, before);
      if (before.knows(local) && previous.nameOf(local).isEmpty() && !same) {
        doubtful.add(local.toString());
      }
    }
    state.update(
        s -> s.withEmpty(s.emptyAtStart().stream().filter(t -> !doubtful.contains(t)).toList()));
  }

  /** What the plan in force until now means. */
  private TableScope previous(String defaultSchema) {
    return new TableScope(
        state.get().patterns().stream().map(TablePattern::new).toList(), defaultSchema);
  }

  private static TableReport.Problem notPublished(LocalTable table, String hint) {
    return new TableReport.Problem(table.table(), "its changes are not published", hint, true);
  }

  private List<TableReport.Problem> publish(
      Connection connection, TableScope previous, Collection<LocalTable> tables)
      throws SQLException {
    List<TableReport.Problem> problems = new ArrayList<>();
    PublishedTables now = publication.published(connection);
    PublishedTables before = remembered();
    for (LocalTable table : tables) {
      LocalName local = localName(table);
      if (now.carries(local) || (before.knows(local) && previous.nameOf(local).isPresent())) {
        continue; // taken away from a table in use: not ours to mend unseen
      }
      try {
        boolean empty = lockedAndEmpty(connection, table);
        publication.ensure(connection, List.of(table)); // commits, and so lets the lock go
        state.update(s -> s.withEmpty(EmptyTables.with(s.emptyAtStart(), local, empty)));
      } catch (Fault fault) {
        if (fault.kind() != FaultKind.REFUSED) {
          throw fault;
        }
        problems.add(notPublished(table, fault.hint()));
      } finally {
        if (!connection.getAutoCommit()) {
          connection.rollback();
          connection.setAutoCommit(true);
        }
      }
    }
    return problems;
  }

  private static boolean exists(Connection connection, LocalName table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?)")) {
      statement.setString(1, PgDatabase.quoted(table.schemaName(), table.tableName()));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getString(1) != null;
      }
    }
  }

  private static LocalName localName(LocalTable table) {
    return new LocalName(table.schemaName(), table.tableName());
  }

  /** With writers kept out until the commit: whoever writes after it is captured. */
  private static boolean lockedAndEmpty(Connection connection, LocalTable table)
      throws SQLException {
    String name = PgDatabase.quoted(table.schemaName(), table.tableName());
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '5s'");
      statement.execute("LOCK TABLE " + name + " IN SHARE ROW EXCLUSIVE MODE");
      statement.execute("SET LOCAL row_security = off");
      try (ResultSet row =
          statement.executeQuery("SELECT NOT EXISTS (SELECT 1 FROM " + name + ")")) {
        row.next();
        return row.getBoolean(1);
      }
    } catch (SQLException e) {
      connection.rollback();
      if ("42501".equals(e.getSQLState())) {
        return false; // without the right to lock nothing can be said
      }
      throw e;
    }
  }
}
