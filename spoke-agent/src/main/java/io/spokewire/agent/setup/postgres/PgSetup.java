package io.spokewire.agent.setup.postgres;

import io.spokewire.agent.apply.postgres.SpokewireSchema;
import io.spokewire.agent.capture.postgres.PgChangeLog;
import io.spokewire.agent.capture.postgres.PgPublication;
import io.spokewire.agent.capture.postgres.PgSlot;
import io.spokewire.agent.capture.postgres.PgTriggers;
import io.spokewire.agent.capture.postgres.PublishedTables;
import io.spokewire.agent.capture.trigger.TriggerPosition;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.agent.setup.SiteSetup;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes what a joining spoke needs in its PostgreSQL database, and takes it away again. One thread.
 */
public final class PgSetup implements SiteSetup {
  private final PgDatabase brief;
  private final PgDatabase database;
  private final PgPublication publication;
  private final PgSlot slot;
  private final boolean byTriggers;
  private final PgTriggers triggers = new PgTriggers();
  private boolean madeTriggers;
  private boolean madePublication;
  private boolean madeSlot;
  private @Nullable UUID claimedFor;

  /**
   * @param brief for questions that have a quick answer
   * @param database the same for what waits for others: a slot waits for transactions under way
   * @param byTriggers whether capture is by triggers, and not from the log
   */
  public PgSetup(
      PgDatabase brief, PgDatabase database, String publication, String slot, boolean byTriggers) {
    this.byTriggers = byTriggers;
    this.brief = brief;
    this.database = database;
    this.publication = new PgPublication(publication);
    this.slot = new PgSlot(database, slot);
  }

  /** The server's version, which shows that the database can be reached. */
  public static String version(PgDatabase database) {
    try (Connection connection = database.connect()) {
      return connection.getMetaData().getDatabaseProductVersion();
    } catch (SQLException e) {
      throw PgFaults.of("connect", database, e);
    }
  }

  @Override
  public void demandFree(SpokeId spoke, Optional<UUID> instance, boolean sends) {
    try (Connection connection = brief.connect()) {
      SpokewireSchema.demandFree(connection, spoke, instance);
    } catch (SQLException e) {
      throw PgFaults.of("look whose database it is", brief, e);
    }
    if (sends && instance.isEmpty() && !byTriggers) {
      slot.demandAbsent();
    }
  }

  @Override
  public void prepareSchema(SpokeId spoke, UUID instance) {
    try (Connection connection = database.connect()) {
      SpokewireSchema.prepare(connection, spoke, instance);
      claimedFor = instance;
    } catch (SQLException e) {
      throw PgFaults.of("make schema spokewire", database, e);
    }
  }

  /**
   * Publication, then slot; what is empty is read in the slot's own snapshot. The publication
   * carries every table of the default schema that this role may publish, so that what is written
   * before the first plan is captured too.
   */
  @Override
  public Begun beginCapture(boolean again) {
    if (byTriggers) {
      if (again && slot.exists()) {
        slot.drop(); // that join was to be from the log
      }
      return beginTriggers();
    }
    try (Connection connection = database.connect()) {
      if (again) {
        dropTriggers(connection); // if that join was to be by them
      }
      PgCatalogue catalogue = new PgCatalogue(connection);
      List<LocalTable> tables = tables(catalogue);
      if (!exists(connection, publication.name())) {
        publication.ensure(connection, owned(connection, tables));
        madePublication = true;
      }
      if (again && slot.exists()) {
        slot.drop();
      }
      try (PgSlot.Created created = slot.create()) {
        madeSlot = true;
        PublishedTables published = publication.published(connection);
        List<LocalTable> captured =
            tables.stream().filter(t -> published.carries(localName(t))).toList();
        return new Begun(
            created.start(),
            names(captured, catalogue.emptyTables(captured, created.snapshot())),
            published.lines());
      }
    } catch (SQLException e) {
      throw PgFaults.of("set up capture", database, e);
    }
  }

  /**
   * Triggers on every table of the default schema on which this role may have some; what is empty
   * in the snapshot in which capture begins.
   */
  private Begun beginTriggers() {
    try (Connection connection = database.connect()) {
      PgChangeLog log = new PgChangeLog(connection);
      log.prepare();
      List<LocalTable> tables = new ArrayList<>();
      for (LocalTable table : tables(PgCatalogue.withWholeImages(connection))) {
        if (triggers.mayMake(connection, table)) {
          tables.add(table);
        }
      }
      madeTriggers = true;
      triggers.makeEach(connection, tables);
      connection.setAutoCommit(false);
      List<String> empty = new ArrayList<>();
      long batch;
      try (Statement statement = connection.createStatement()) {
        // One snapshot for where capture begins and for what is empty there.
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
        batch = log.begin();
        statement.execute("SET LOCAL row_security = off");
        for (LocalTable table : tables) {
          String name = PgDatabase.quoted(table.schemaName(), table.tableName());
          try (ResultSet row =
              statement.executeQuery("SELECT NOT EXISTS (SELECT 1 FROM " + name + ")")) {
            row.next();
            if (row.getBoolean(1)) {
              empty.add(localName(table).toString());
            }
          }
        }
      }
      connection.commit();
      Map<LocalName, String> made = triggers.made(connection);
      List<String> lines = new ArrayList<>();
      for (LocalTable table : tables) {
        String mine = made.get(localName(table));
        if (mine != null) {
          lines.add(localName(table) + "\t" + mine);
        }
      }
      connection.rollback();
      return new Begun(TriggerPosition.endOf(batch).position(), empty, lines);
    } catch (SQLException e) {
      throw PgFaults.of("set up capture", database, e);
    }
  }

  @Override
  public void remove() {
    List<String> left = new ArrayList<>();
    try (Connection connection = database.connect()) {
      slot.drop();
      triggers.dropEach(connection);
      drop(connection, "PUBLICATION", PgDatabase.quoted(publication.name()), left);
      drop(connection, "SCHEMA", "spokewire CASCADE", left);
    } catch (SQLException e) {
      throw PgFaults.of("take away what is ours", database, e);
    }
    if (!left.isEmpty()) {
      throw Fault.of(
              FaultKind.REFUSED,
              "uninstall",
              "all is taken away but what belongs to others: " + left.size() + " things")
          .at(database)
          .hint("let the owner run: " + String.join("; ", left) + ";")
          .build();
    }
  }

  /** Drops what is there, or notes how its owner does it. */
  private static void drop(Connection connection, String kind, String name, List<String> left)
      throws SQLException {
    String sql = "DROP " + kind + " IF EXISTS " + name;
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      if (!"42501".equals(e.getSQLState())) {
        throw e;
      }
      left.add(sql);
    }
  }

  @Override
  public Begun beginWithoutCapture() {
    try (Connection holder = database.connect();
        Connection connection = database.connect();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      String snapshot;
      try (ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_export_snapshot()")) {
        row.next();
        snapshot = row.getString(1);
      }
      PgCatalogue catalogue = new PgCatalogue(connection);
      List<LocalTable> tables = tables(catalogue);
      Begun begun =
          new Begun(
              SourcePosition.NONE,
              names(tables, catalogue.emptyTables(tables, snapshot)),
              List.of());
      holder.rollback();
      return begun;
    } catch (SQLException e) {
      throw PgFaults.of("look for empty tables", database, e);
    }
  }

  @Override
  public void undo(Throwable why) {
    UUID claimed = claimedFor;
    if (claimed != null) {
      try (Connection connection = database.connect()) {
        SpokewireSchema.release(connection, claimed);
      } catch (SQLException e) {
        why.addSuppressed(e);
      }
    }
    if (madeTriggers) {
      try (Connection connection = database.connect()) {
        dropTriggers(connection);
      } catch (SQLException e) {
        why.addSuppressed(e);
      }
    }
    if (madeSlot) {
      try {
        slot.drop();
      } catch (Fault fault) {
        why.addSuppressed(fault);
      }
    }
    if (madePublication) {
      try (Connection connection = database.connect()) {
        publication.drop(connection);
      } catch (Fault | SQLException e) {
        why.addSuppressed(e);
      }
    }
  }

  private void dropTriggers(Connection connection) throws SQLException {
    PgChangeLog log = new PgChangeLog(connection);
    if (log.exists()) {
      triggers.dropEach(connection);
      log.drop();
    }
  }

  private static boolean exists(Connection connection, String publication) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT 1 FROM pg_publication WHERE pubname = ?")) {
      statement.setString(1, publication);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private static List<LocalTable> tables(PgCatalogue catalogue) throws SQLException {
    TableScope everything =
        new TableScope(List.of(new TablePattern("*")), catalogue.defaultSchema());
    return catalogue.read(everything, Set.of()).tables();
  }

  private static List<LocalTable> owned(Connection connection, List<LocalTable> tables)
      throws SQLException {
    List<LocalTable> owned = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pg_catalog.pg_has_role(relowner, 'USAGE') FROM pg_catalog.pg_class"
                + " WHERE oid = ?::regclass")) {
      for (LocalTable table : tables) {
        statement.setString(1, PgDatabase.quoted(table.schemaName(), table.tableName()));
        try (ResultSet row = statement.executeQuery()) {
          if (row.next() && row.getBoolean(1)) {
            owned.add(table);
          }
        }
      }
    }
    return owned;
  }

  private static List<String> names(Collection<LocalTable> tables, Set<TableName> empty) {
    return tables.stream()
        .filter(table -> empty.contains(table.table()))
        .map(table -> localName(table).toString())
        .sorted()
        .toList();
  }

  private static LocalName localName(LocalTable table) {
    return new LocalName(table.schemaName(), table.tableName());
  }
}
