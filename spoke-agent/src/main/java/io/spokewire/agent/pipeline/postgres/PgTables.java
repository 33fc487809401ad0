package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.apply.TableMap;
import io.spokewire.agent.capture.postgres.PgPublication;
import io.spokewire.agent.capture.postgres.PgSlot;
import io.spokewire.agent.capture.postgres.PublishedTables;
import io.spokewire.agent.pipeline.LocalTables;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableProblem;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.PlanScope;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.TableName;
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
 * The tables of one PostgreSQL database that the plan means, for control, capture and apply. A
 * table that comes into the publication later than the join is looked at under a lock, so that "it
 * was empty where its capture began" is exact.
 *
 * <p>What the publication gives of the tables in use is remembered over restarts; {@link
 * #demandPublished} finds out what was taken away since.
 *
 * <p>Threading: {@code check} and {@code take} by the control loop; the rest by any.
 */
public final class PgTables implements LocalTables, TableMap {
  private static final Logger LOG = LoggerFactory.getLogger(PgTables.class);

  private final PgDatabase database;
  private final Optional<PgPublication> publication;
  private final StateFile state;
  private final Set<LocalName> gone = ConcurrentHashMap.newKeySet(); // and said so
  private volatile @Nullable Instant lastWhole; // when what is published was last seen whole
  private volatile TableScope scope = new TableScope(List.of(), "public");
  private volatile TableCatalogue catalogue = new TableCatalogue(List.of(), List.of());

  /**
   * @param publication empty for a spoke that does not send
   */
  public PgTables(PgDatabase database, Optional<PgPublication> publication, StateFile state) {
    this.database = database;
    this.publication = publication;
    this.state = state;
  }

  /** The plan's tables as they are named here. */
  public TableScope scope() {
    return scope;
  }

  @Override
  public Optional<LocalTable> find(TableName table) {
    return catalogue.find(table);
  }

  @Override
  public TableReport check(PlanScope plan) {
    try (Connection connection = database.connect()) {
      PgCatalogue reader = new PgCatalogue(connection);
      TableCatalogue tables = reader.read(scopeOf(plan, reader), Set.of());
      List<TableReport.Problem> problems = new ArrayList<>();
      if (publication.isPresent()) {
        unpublished(connection, publication.get(), tables.tables(), problems);
      }
      return report(plan, tables, problems);
    } catch (SQLException e) {
      throw PgFaults.of("read the tables", database, e);
    }
  }

  @Override
  public TableReport take(PlanScope plan) {
    try (Connection connection = database.connect()) {
      PgCatalogue reader = new PgCatalogue(connection);
      TableScope next = scopeOf(plan, reader);
      TableCatalogue tables = reader.read(next, Set.of());
      List<TableReport.Problem> problems = new ArrayList<>();
      if (publication.isPresent()) {
        TableScope before = previous(next.defaultSchema());
        publish(connection, publication.get(), before, tables.tables(), problems);
        remember(connection, publication.get(), before, tables.tables());
      }
      scope = next;
      catalogue = tables;
      return report(plan, tables, problems);
    } catch (SQLException e) {
      throw PgFaults.of("take the plan's tables into use", database, e);
    }
  }

  private static TableScope scopeOf(PlanScope plan, PgCatalogue reader) throws SQLException {
    return new TableScope(
        plan.patterns().stream().map(TablePattern::new).toList(), reader.defaultSchema());
  }

  /**
   * Compares what is published now with what was when it was last seen whole.
   *
   * @throws Fault NEGATIVE if changes of the tables in use are, or may have been, left out
   */
  void demandPublished(Connection connection) throws SQLException {
    if (publication.isEmpty()) {
      return;
    }
    PublishedTables now = publication.get().published(connection);
    PublishedTables before = remembered();
    Set<LocalName> present = new TreeSet<>(Comparator.comparing(LocalName::toString));
    for (LocalTable table : catalogue.tables()) {
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
                  + publication.get().name()
                  + " was altered: "
                  + lacks.get()
                  + "; changes since "
                  + (lastWhole == null ? "before this agent's start" : lastWhole)
                  + " may not have been captured")
          .at(database)
          .hint(PgSlot.RESYNC)
          .build();
    }
    lastWhole = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    if (!before.isSamePublication(now)) {
      state.update(s -> s.withPublished(before.asPublishedBy(now).lines()));
    }
  }

  private PublishedTables remembered() {
    return PublishedTables.of(state.get().published());
  }

  /**
   * What is published of the tables now is what must stay. A table that was in use before keeps
   * what is remembered of it, so that {@link #demandPublished} finds what was done to it meanwhile.
   */
  private void remember(
      Connection connection, PgPublication from, TableScope previous, Collection<LocalTable> tables)
      throws SQLException {
    PublishedTables now = from.published(connection);
    PublishedTables before = remembered();
    boolean first = state.get().planVersion() == 0;
    boolean altered = !before.isSamePublication(now);
    PublishedTables next = first ? before.asPublishedBy(now) : before;
    Set<String> doubtful = new HashSet<>();
    for (LocalTable table : tables) {
      LocalName local = localName(table);
      boolean wasInUse = previous.nameOf(local).isPresent();
      boolean kept = before.knows(local) && (wasInUse || now.isSame(local, before));
      if (before.knows(local) && !wasInUse && (altered || !now.isSame(local, before))) {
        doubtful.add(local.toString()); // what was written to it since the join may be missing
      }
      if (!kept && now.carries(local)) {
        next = next.with(local, now);
      }
    }
    PublishedTables remember = next;
    state.update(
        s ->
            s.withPublished(remember.lines())
                .withEmpty(s.emptyAtStart().stream().filter(t -> !doubtful.contains(t)).toList()));
  }

  /** What the plan in force until now means. */
  private TableScope previous(String defaultSchema) {
    return new TableScope(
        state.get().patterns().stream().map(TablePattern::new).toList(), defaultSchema);
  }

  /** What the agent can't publish by itself once the plan is applied. */
  private static void unpublished(
      Connection connection,
      PgPublication in,
      Collection<LocalTable> tables,
      List<TableReport.Problem> problems)
      throws SQLException {
    PublishedTables now = in.published(connection);
    for (LocalTable table : tables) {
      if (!now.carries(localName(table)) && !in.mayAdd(connection, table)) {
        problems.add(notPublished(table, in.sql(connection, List.of(table))));
      }
    }
  }

  private static TableReport.Problem notPublished(LocalTable table, String hint) {
    return new TableReport.Problem(table.table(), "its changes are not published", hint, true);
  }

  private void publish(
      Connection connection,
      PgPublication to,
      TableScope previous,
      Collection<LocalTable> tables,
      List<TableReport.Problem> problems)
      throws SQLException {
    PublishedTables now = to.published(connection);
    PublishedTables before = remembered();
    for (LocalTable table : tables) {
      LocalName local = localName(table);
      if (now.carries(local) || (before.knows(local) && previous.nameOf(local).isPresent())) {
        continue; // taken away from a table in use: not ours to mend unseen
      }
      try {
        boolean empty = lockedAndEmpty(connection, table);
        to.ensure(connection, List.of(table)); // commits, and so lets the lock go
        if (empty) {
          state.update(s -> s.withEmpty(added(s.emptyAtStart(), local.toString())));
        }
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

  private static List<String> added(List<String> names, String name) {
    Set<String> more = new TreeSet<>(names);
    more.add(name);
    return List.copyOf(more);
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

  private TableReport report(
      PlanScope plan, TableCatalogue tables, List<TableReport.Problem> more) {
    Set<String> empty = new HashSet<>(state.get().emptyAtStart());
    List<TableDescription> descriptions = new ArrayList<>();
    for (LocalTable table : tables.tables()) {
      LocalName local = localName(table);
      TableDescription d = table.description();
      descriptions.add(
          new TableDescription(
              d.schema(),
              d.uniqueSets(),
              d.foreignKeys(),
              d.beforeImages(),
              empty.contains(local.toString())));
    }
    List<TableReport.Problem> problems = new ArrayList<>(more);
    for (TableProblem problem : tables.problems()) {
      problems.add(
          new TableReport.Problem(
              new TableName(problem.place()),
              problem.reason(),
              problem.hint(),
              problem.severity() == TableProblem.Severity.REFUSED));
    }
    return new TableReport(plan.version(), descriptions, problems);
  }
}
