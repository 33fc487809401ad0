package io.spokewire.agent.setup.mysql;

import io.spokewire.agent.apply.mysql.MySpokewireSchema;
import io.spokewire.agent.capture.mysql.BinlogPositions;
import io.spokewire.agent.capture.mysql.MyChangeLog;
import io.spokewire.agent.capture.mysql.MyTriggers;
import io.spokewire.agent.capture.trigger.TriggerPosition;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFaults;
import io.spokewire.agent.setup.SiteSetup;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes what a joining spoke needs in its MySQL or MariaDB server: database {@code spokewire}. The
 * binlog itself needs nothing. One thread.
 */
public final class MySetup implements SiteSetup {
  private final MyDatabase brief;
  private final MyDatabase database;
  private final boolean byTriggers;
  private final MyTriggers triggers = new MyTriggers();
  private boolean madeTriggers;
  private @Nullable UUID claimedFor;

  /**
   * @param brief for questions that have a quick answer
   * @param database the same for what waits for others
   * @param byTriggers whether capture is by triggers, and not from the binlog
   */
  public MySetup(MyDatabase brief, MyDatabase database, boolean byTriggers) {
    this.byTriggers = byTriggers;
    this.brief = brief;
    this.database = database;
  }

  /** The server's version, which shows that the database can be reached. */
  public static String version(MyDatabase database) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT version()")) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw MyFaults.of("connect", database, e);
    }
  }

  @Override
  public void demandFree(SpokeId spoke, Optional<UUID> instance, boolean sends) {
    try (Connection connection = brief.connect()) {
      MySpokewireSchema.demandFree(connection, spoke, instance);
    } catch (SQLException e) {
      throw MyFaults.of("look whose server it is", brief, e);
    }
  }

  @Override
  public void prepareSchema(SpokeId spoke, UUID instance) {
    try (Connection connection = database.connect()) {
      MySpokewireSchema.prepare(connection, spoke, instance);
      claimedFor = instance;
    } catch (SQLException e) {
      throw MyFaults.of("make database spokewire", database, e);
    }
  }

  /**
   * The end of the log first, what is empty after it: a table in which rows come between the two
   * counts as filled, though capture will meet them; never the other way round. What is prepared
   * (XA) before the end and decided after it would be in neither, so nothing may be.
   */
  @Override
  public Begun beginCapture(boolean again) {
    if (byTriggers) {
      return beginTriggers();
    }
    try (Connection connection = database.connect()) {
      if (again) {
        dropTriggers(connection); // if that join was to be by them
      }
      SourcePosition start = BinlogPositions.end(connection);
      PreparedTransactions.demandNone(connection, database);
      return new Begun(start, emptyTables(connection), List.of());
    } catch (SQLException e) {
      throw MyFaults.of("set up capture", database, e);
    }
  }

  /** Triggers on every table of the database; what is empty once capture has begun. */
  private Begun beginTriggers() {
    try (Connection connection = database.connect()) {
      MyChangeLog log = new MyChangeLog(connection);
      log.prepare();
      List<LocalName> tables = new ArrayList<>();
      MyCatalogue catalogue = new MyCatalogue(connection);
      TableScope everything =
          new TableScope(List.of(new TablePattern("*")), catalogue.defaultSchema());
      for (LocalTable table : catalogue.read(everything, Set.of()).tables()) {
        tables.add(new LocalName(table.schemaName(), table.tableName()));
      }
      List<String> empty = new ArrayList<>();
      madeTriggers = true;
      triggers.makeEach(connection, tables);
      long batch = log.begin();
      // What comes between the two is captured, and its table counts as filled.
      empty.addAll(emptyTables(connection));
      List<String> lines = new ArrayList<>();
      triggers.made(connection).forEach((table, made) -> lines.add(table + "\t" + made));
      return new Begun(TriggerPosition.endOf(batch).position(), empty, lines);
    } catch (SQLException e) {
      throw MyFaults.of("set up capture", database, e);
    }
  }

  @Override
  public void remove() {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      triggers.dropAll(connection);
      statement.execute("DROP DATABASE IF EXISTS spokewire");
    } catch (SQLException e) {
      throw MyFaults.of("take away what is ours", database, e);
    }
  }

  @Override
  public Begun beginWithoutCapture() {
    try (Connection connection = database.connect()) {
      return new Begun(SourcePosition.NONE, emptyTables(connection), List.of());
    } catch (SQLException e) {
      throw MyFaults.of("look for empty tables", database, e);
    }
  }

  @Override
  public void undo(Throwable why) {
    if (madeTriggers) {
      try (Connection connection = database.connect()) {
        dropTriggers(connection);
      } catch (SQLException e) {
        why.addSuppressed(e);
      }
    }
    UUID claimed = claimedFor;
    if (claimed != null) {
      try (Connection connection = database.connect()) {
        MySpokewireSchema.release(connection, claimed);
      } catch (SQLException e) {
        why.addSuppressed(e);
      }
    }
  }

  private void dropTriggers(Connection connection) throws SQLException {
    MyChangeLog log = new MyChangeLog(connection);
    if (log.exists()) {
      triggers.dropAll(connection);
      log.drop();
    }
  }

  private static List<String> emptyTables(Connection connection) throws SQLException {
    MyCatalogue catalogue = new MyCatalogue(connection);
    TableScope everything =
        new TableScope(List.of(new TablePattern("*")), catalogue.defaultSchema());
    List<LocalTable> tables = catalogue.read(everything, Set.of()).tables();
    Set<TableName> empty = catalogue.emptyTables(tables);
    return tables.stream()
        .filter(table -> empty.contains(table.table()))
        .map(table -> table.schemaName() + "." + table.tableName())
        .sorted()
        .toList();
  }
}
