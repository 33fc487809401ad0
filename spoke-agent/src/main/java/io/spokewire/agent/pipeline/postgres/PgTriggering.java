package io.spokewire.agent.pipeline.postgres;

import static io.spokewire.agent.schema.postgres.PgDatabase.quoted;

import io.spokewire.agent.capture.postgres.PgChangeLog;
import io.spokewire.agent.capture.postgres.PgSlot;
import io.spokewire.agent.capture.postgres.PgTriggers;
import io.spokewire.agent.capture.trigger.ChangeLog;
import io.spokewire.agent.pipeline.EmptyTables;
import io.spokewire.agent.pipeline.TablesCaptured;
import io.spokewire.agent.pipeline.Triggering;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Keeps triggers on the plan's tables. What takes them away, or rests them for a while, is found by
 * what they are: one that was made again is another one.
 *
 * <p>Threading: {@code take} and {@code lacking} by the control loop, {@code demandWhole} by any.
 */
public final class PgTriggering implements PgTableCapture, Triggering {
  private final PgTriggers triggers = new PgTriggers();
  private final StateFile state;
  private final TablesCaptured captured;
  private final Object place;

  /**
   * @param place of the triggers, for people
   */
  public PgTriggering(StateFile state, Object place) {
    this.state = state;
    this.captured = new TablesCaptured(state);
    this.place = place;
  }

  @Override
  public List<TableReport.Problem> take(
      Connection connection, String defaultSchema, Collection<LocalTable> tables)
      throws SQLException {
    List<TableReport.Problem> problems = new ArrayList<>();
    Map<LocalName, String> made = triggers.made(connection);
    for (LocalTable table : tables) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      if (made.containsKey(local) || captured.of(local).isPresent()) {
        continue; // there; or taken away from a table in use, and not ours to mend unseen
      }
      connection.setAutoCommit(false);
      try {
        execute(connection, "SET LOCAL lock_timeout = '800ms'"); // else it is tried again
        triggers.make(connection, List.of(table));
        boolean empty = isEmpty(connection, table); // whoever writes from here on is logged
        connection.commit();
        state.update(s -> s.withEmpty(EmptyTables.with(s.emptyAtStart(), local, empty)));
      } catch (Fault fault) {
        connection.rollback();
        if (fault.kind() != FaultKind.REFUSED) {
          throw fault;
        }
        problems.add(
            new TableReport.Problem(table.table(), "it has no triggers", fault.hint(), true));
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
    Map<LocalName, String> now = triggers.made(connection);
    for (LocalTable table : tables) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      String mine = now.get(local);
      if (mine != null && captured.of(local).isEmpty()) {
        captured.remember(local, mine);
      }
    }
    return problems;
  }

  @Override
  public List<TableReport.Problem> lacking(Connection connection, Collection<LocalTable> tables)
      throws SQLException {
    List<TableReport.Problem> problems = new ArrayList<>();
    Map<LocalName, String> made = triggers.made(connection);
    for (LocalTable table : tables) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      if (!made.containsKey(local) && !triggers.mayMake(connection, table)) {
        problems.add(
            new TableReport.Problem(
                table.table(),
                "it has no triggers, and the role may not make them",
                "let the owner of the table run: " + PgTriggers.grant(connection, table),
                true));
      }
    }
    return problems;
  }

  @Override
  public void demandWhole(Connection connection, Collection<LocalTable> inUse) throws SQLException {
    Map<LocalName, String> made = triggers.made(connection);
    for (LocalTable table : inUse) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      String before = captured.of(local).orElse("");
      if (!before.isEmpty() && !before.equals(made.get(local)) && exists(connection, table)) {
        throw Fault.of(
                FaultKind.NEGATIVE,
                "capture",
                "the triggers on "
                    + local
                    + " were dropped, disabled or made again: changes may not have been captured")
            .at(place)
            .hint(PgSlot.RESYNC)
            .build();
      }
    }
  }

  @Override
  public ChangeLog log(Connection connection) {
    return new PgChangeLog(connection);
  }

  @Override
  public void drop(Connection connection) throws SQLException {
    triggers.dropEach(connection);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static boolean exists(Connection connection, LocalTable table) throws SQLException {
    try (var query = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      query.setString(1, quoted(table.schemaName(), table.tableName()));
      try (ResultSet row = query.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private static boolean isEmpty(Connection connection, LocalTable table) throws SQLException {
    String name = quoted(table.schemaName(), table.tableName());
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL row_security = off");
      try (ResultSet row =
          statement.executeQuery("SELECT NOT EXISTS (SELECT 1 FROM " + name + ")")) {
        return row.next() && row.getBoolean(1);
      }
    }
  }
}
