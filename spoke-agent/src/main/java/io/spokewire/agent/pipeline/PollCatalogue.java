package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.polling.GrowingColumn;
import io.spokewire.agent.capture.polling.Looking;
import io.spokewire.agent.capture.polling.SiteCopy;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.stream.TableReport;
import io.spokewire.common.change.TableDescription.ForeignKey;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The tables of a spoke that is polled. A table that a plan names for the first time is copied
 * before it is in use; one that leaves the plan leaves the copy.
 */
public final class PollCatalogue implements SiteCatalogue {
  private final SiteCatalogue database;
  private final SiteCopy copy;
  private final Function<TableName, String> keys;
  private final Function<TableScope, Looking> looking;
  private final StateFile state;

  /**
   * @param database its tables, of which the agent captures none by itself
   * @param keys by which column a table is polled
   * @param looking how the tables in scope are looked at
   */
  public PollCatalogue(
      SiteCatalogue database,
      SiteCopy copy,
      Function<TableName, String> keys,
      Function<TableScope, Looking> looking,
      StateFile state) {
    this.database = database;
    this.copy = copy;
    this.keys = keys;
    this.looking = looking;
    this.state = state;
  }

  @Override
  public Reading open() {
    return new PollReading(database.open());
  }

  private Optional<TableReport.Problem> problem(LocalTable table) {
    return GrowingColumn.obstacle(table.schema(), keys.apply(table.table()))
        .map(why -> new TableReport.Problem(table.table(), why.reason(), why.hint(), true));
  }

  private final class PollReading implements Reading {
    private final Reading reading;
    private TableScope scope = new TableScope(List.of(), "");

    PollReading(Reading reading) {
      this.reading = reading;
    }

    @Override
    public String defaultSchema() {
      return reading.defaultSchema();
    }

    @Override
    public TableCatalogue read(TableScope wanted) {
      scope = wanted;
      return reading.read(wanted);
    }

    @Override
    public boolean isEmpty(LocalTable table) {
      return reading.isEmpty(table);
    }

    @Override
    public List<TableReport.Problem> lacking(Collection<LocalTable> tables) {
      return tables.stream().flatMap(table -> problem(table).stream()).toList();
    }

    @Override
    public List<TableReport.Problem> capture(String defaultSchema, Collection<LocalTable> tables) {
      List<LocalTable> polled = tables.stream().filter(t -> problem(t).isEmpty()).toList();
      for (LocalName left : copy.keepOnly(name -> scope.nameOf(name).isPresent())) {
        noteEmpty(left, false); // what comes meanwhile is not seen
      }
      for (LocalTable table : polled) {
        LocalName name = name(table);
        if (!copy.has(name)) {
          boolean empty = state.get().emptyAtStart().contains(name.toString());
          if (looking.apply(scope).begin(name, empty)) {
            noteEmpty(name, true);
          }
        }
      }
      copy.order(parentsFirst(polled));
      return lacking(tables);
    }

    @Override
    public void close() {
      reading.close();
    }
  }

  private void noteEmpty(LocalName table, boolean empty) {
    state.update(s -> s.withEmpty(EmptyTables.with(s.emptyAtStart(), table, empty)));
  }

  private static LocalName name(LocalTable table) {
    return new LocalName(table.schemaName(), table.tableName());
  }

  /** What refers to others after them; where they refer to each other, any order. */
  static List<LocalName> parentsFirst(List<LocalTable> tables) {
    Map<TableName, LocalTable> left = new LinkedHashMap<>();
    tables.forEach(table -> left.put(table.table(), table));
    List<LocalName> order = new ArrayList<>();
    while (!left.isEmpty()) {
      LocalTable next =
          left.values().stream()
              .filter(t -> t.description().foreignKeys().stream().noneMatch(k -> waits(t, k, left)))
              .findFirst()
              .orElseGet(() -> left.values().iterator().next());
      left.remove(next.table());
      order.add(name(next));
    }
    return order;
  }

  private static boolean waits(LocalTable table, ForeignKey key, Map<TableName, LocalTable> left) {
    return left.containsKey(key.referenced()) && !key.referenced().equals(table.table());
  }
}
