package io.spokewire.agent.setup.mysql;

import io.spokewire.agent.capture.Era;
import io.spokewire.agent.capture.mysql.BinlogPositions;
import io.spokewire.agent.capture.mysql.MyChangeLog;
import io.spokewire.agent.capture.mysql.MyEras;
import io.spokewire.agent.capture.mysql.MyTriggers;
import io.spokewire.agent.capture.trigger.TriggerPosition;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFaults;
import io.spokewire.agent.setup.Handover;
import io.spokewire.common.config.Plan.TablePattern;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Hands the capture of a MySQL or MariaDB database over from the binlog to triggers or back, while
 * users write. The tables are locked for a moment: nobody has written to them then who is not done,
 * so that every transaction lies wholly before it or after it.
 */
public final class MyHandover implements Handover {
  private final MyDatabase database;
  private final MyTriggers triggers = new MyTriggers();

  public MyHandover(MyDatabase database) {
    this.database = database;
  }

  @Override
  public List<Era> eras() {
    try (Connection connection = database.connect()) {
      return new MyEras(connection).read();
    } catch (SQLException e) {
      throw MyFaults.of("look how changes were captured", database, e);
    }
  }

  @Override
  public List<String> toTriggers(Era before, List<TablePattern> plan) {
    try (Connection connection = database.connect()) {
      MyEras eras = new MyEras(connection);
      eras.keep(before);
      MyChangeLog log = new MyChangeLog(connection);
      log.prepare();
      triggers.make(
          connection,
          tables(connection, plan),
          () -> {
            PreparedTransactions.demandNone(connection, database);
            long batch = log.begin();
            eras.handOver(
                before.endedAt(BinlogPositions.end(connection)),
                before.next(true, TriggerPosition.endOf(batch).position()));
          });
      List<String> lines = new ArrayList<>();
      triggers.made(connection).forEach((table, made) -> lines.add(table + "\t" + made));
      return lines;
    } catch (SQLException e) {
      throw MyFaults.of("hand capture over to triggers", database, e);
    }
  }

  @Override
  public List<String> toLog(Era before, List<TablePattern> plan) {
    try (Connection connection = database.connect()) {
      MyEras eras = new MyEras(connection);
      eras.keep(before);
      triggers.whileNobodyWrites(
          connection,
          tables(connection, plan),
          () -> {
            PreparedTransactions.demandNone(connection, database);
            long batch = new MyChangeLog(connection).end();
            eras.handOver(
                before.endedAt(TriggerPosition.endOf(batch).position()),
                before.next(false, BinlogPositions.end(connection)));
          });
      triggers.dropAll(connection);
      return List.of();
    } catch (SQLException e) {
      throw MyFaults.of("hand capture over to the binlog", database, e);
    }
  }

  @Override
  public List<String> published() {
    return List.of();
  }

  @Override
  public void forget(Era passed) {
    try (Connection connection = database.connect()) {
      MyEras eras = new MyEras(connection);
      eras.forget(passed); // first: of an era that is known everything has to be there
      tidy(connection, eras.read());
    } catch (SQLException e) {
      throw MyFaults.of("take away what captured before", database, e);
    }
  }

  @Override
  public void tidy(List<Era> eras) {
    try (Connection connection = database.connect()) {
      tidy(connection, eras);
    } catch (SQLException e) {
      throw MyFaults.of("take away what captures nothing", database, e);
    }
  }

  private void tidy(Connection connection, List<Era> eras) throws SQLException {
    MyChangeLog log = new MyChangeLog(connection);
    if (eras.stream().noneMatch(Era::byTriggers) && log.exists()) {
      triggers.dropAll(connection);
      log.drop();
    }
  }

  private static List<LocalName> tables(Connection connection, List<TablePattern> plan)
      throws SQLException {
    MyCatalogue catalogue = new MyCatalogue(connection);
    List<LocalName> tables = new ArrayList<>();
    for (LocalTable table :
        catalogue.read(new TableScope(plan, catalogue.defaultSchema()), Set.of()).tables()) {
      tables.add(new LocalName(table.schemaName(), table.tableName()));
    }
    return tables;
  }
}
