package io.spokewire.agent.pipeline.mysql;

import io.spokewire.agent.capture.mysql.MyChangeLog;
import io.spokewire.agent.capture.mysql.MyTriggers;
import io.spokewire.agent.capture.trigger.ChangeLog;
import io.spokewire.agent.pipeline.EmptyTables;
import io.spokewire.agent.pipeline.TablesCaptured;
import io.spokewire.agent.pipeline.Triggering;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Keeps triggers on the plan's tables.
 *
 * <p>Threading: {@code take} by the control loop, {@code demandWhole} by any.
 */
public final class MyTriggering implements Triggering {
  private final MyTriggers triggers = new MyTriggers();
  private final StateFile state;
  private final TablesCaptured captured;
  private final Object place;

  /**
   * @param place of the triggers, for people
   */
  public MyTriggering(StateFile state, Object place) {
    this.state = state;
    this.captured = new TablesCaptured(state);
    this.place = place;
  }

  /**
   * Makes the triggers that the plan's tables lack.
   *
   * @return the tables on which the user may not
   */
  List<TableReport.Problem> take(Connection connection, Collection<LocalTable> tables)
      throws SQLException {
    List<TableReport.Problem> problems = new ArrayList<>();
    Map<LocalName, String> made = triggers.made(connection);
    for (LocalTable table : tables) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      if (made.containsKey(local) || captured.of(local).isPresent()) {
        continue; // there; or taken away from a table in use, and not ours to mend unseen
      }
      try {
        boolean[] empty = new boolean[1];
        triggers.make(
            connection,
            List.of(local),
            () -> empty[0] = !new MyCatalogue(connection).emptyTables(List.of(table)).isEmpty());
        state.update(s -> s.withEmpty(EmptyTables.with(s.emptyAtStart(), local, empty[0])));
      } catch (Fault fault) {
        if (fault.kind() != FaultKind.REFUSED) {
          throw fault;
        }
        problems.add(
            new TableReport.Problem(table.table(), "it has no triggers", fault.hint(), true));
      }
    }
    Map<LocalName, String> now = triggers.made(connection);
    for (LocalTable table : tables) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      if (now.containsKey(local) && captured.of(local).isEmpty()) {
        captured.remember(local, "made");
      }
    }
    return problems;
  }

  @Override
  public ChangeLog log(Connection connection) {
    return new MyChangeLog(connection);
  }

  /** One made anew, because its table was altered, is as good: the agent does that itself. */
  @Override
  public void demandWhole(Connection connection, Collection<LocalTable> inUse) throws SQLException {
    Map<LocalName, String> made = triggers.made(connection);
    for (LocalTable table : inUse) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      if (captured.of(local).isPresent()
          && !made.containsKey(local)
          && new MyCatalogue(connection).shape(local).isPresent()) {
        throw log(connection)
            .lost(
                place,
                "the triggers on " + local + " were dropped: changes may not have been captured");
      }
    }
  }

  @Override
  public void drop(Connection connection) throws SQLException {
    triggers.dropAll(connection);
  }
}
