package io.spokewire.agent.capture.polling;

import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.common.change.RowChunks;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the tables that are copied: what differs becomes the next round, and the copy is moved
 * on, in one transaction. Safe from any thread, but for {@link #look}, which is capture's.
 */
public final class Looking {
  private static final Logger LOG = LoggerFactory.getLogger(Looking.class);

  private final SiteCopy copy;
  private final PolledDatabase database;
  private final Function<TableName, String> keys;
  private final LookBounds bounds;
  private final Optional<Duration> deleteDetection;
  private final Set<LocalName> missing = new HashSet<>(); // and said so

  /**
   * @param keys by which column a table is polled
   * @param deleteDetection so often all keys are read; empty for never
   */
  public Looking(
      SiteCopy copy,
      PolledDatabase database,
      Function<TableName, String> keys,
      LookBounds bounds,
      Optional<Duration> deleteDetection) {
    this.copy = copy;
    this.database = database;
    this.keys = keys;
    this.bounds = bounds;
    this.deleteDetection = deleteDetection;
  }

  /**
   * Begins to copy a table: what is in it is not given to anybody.
   *
   * @param emptyAtStart whether it had no row where capture began: what is in it now is given
   * @return whether it has no row now
   */
  public boolean begin(LocalName table, boolean emptyAtStart) {
    return copy.transaction(
        "copy " + table,
        connection -> {
          try (PolledDatabase.Look look = database.look(List.of(table))) {
            Optional<PolledTable> present = present(look, table);
            if (present.isEmpty()) {
              return false; // the next plan finds it again, or not
            }
            CopiedTable copied = SiteCopy.add(connection, table);
            if (emptyAtStart) {
              return false;
            }
            try (Comparison comparison =
                new Comparison(connection, copied, present.get(), Optional.empty())) {
              look.rows(present.get(), Optional.empty(), comparison.taker());
              if (comparison.rows() > 0) {
                lookedAt(connection, copied, look.at());
                LOG.info("{}: {} rows are copied", table, comparison.rows());
              }
              return comparison.rows() == 0;
            }
          }
        });
  }

  /** Looks once. */
  void look(SpoolDirectory spools) {
    copy.transaction(
        "look at the tables",
        connection -> {
          List<BarrierId> marks = Rounds.marks(connection);
          List<CopiedTable> tables = SiteCopy.tables(connection);
          try (PolledDatabase.Look look =
                  database.look(tables.stream().map(CopiedTable::name).toList());
              RowSpool spool = new RowSpool(spools)) {
            Map<SchemaId, TableSchema> schemas = new LinkedHashMap<>();
            compare(connection, look, tables, spool, schemas);
            if (keysAreDue(connection, look.at())) {
              findDeletes(connection, look, tables, spool, schemas);
            }
            long micros = Micros.of(look.at());
            if (!spool.isEmpty()) {
              try (RowChunks rows = spool.take()) {
                Rounds.add(connection, micros, schemas.values(), rows);
              }
            }
            for (BarrierId mark : marks) {
              Rounds.add(connection, micros, mark);
            }
          }
          Rounds.clearMarks(connection);
          copy.unmark();
          return true;
        });
  }

  private void compare(
      Connection connection,
      PolledDatabase.Look look,
      List<CopiedTable> tables,
      RowSpool spool,
      Map<SchemaId, TableSchema> schemas)
      throws SQLException {
    for (CopiedTable table : tables) {
      Optional<PolledTable> present = present(look, table.name());
      if (present.isEmpty()) {
        continue;
      }
      GrowingColumn.Kind kind = present.get().growing().kind();
      Optional<LocalDateTime> from = table.lookedAt().map(last -> bounds.from(kind, last));
      try (Comparison comparison =
          new Comparison(connection, table, present.get(), Optional.of(spool))) {
        look.rows(present.get(), from, comparison.taker());
        note(comparison, present.get(), schemas);
      }
      lookedAt(connection, table, look.at());
    }
  }

  /** What refers to others is deleted before them. */
  private void findDeletes(
      Connection connection,
      PolledDatabase.Look look,
      List<CopiedTable> tables,
      RowSpool spool,
      Map<SchemaId, TableSchema> schemas)
      throws SQLException {
    List<CopiedTable> reversed = new ArrayList<>(tables);
    Collections.reverse(reversed);
    for (CopiedTable table : reversed) {
      Optional<PolledTable> present = present(look, table.name());
      if (present.isEmpty()) {
        continue;
      }
      try (Comparison comparison =
          new Comparison(connection, table, present.get(), Optional.of(spool))) {
        long unseen = comparison.deletes(look);
        if (unseen > 0) {
          LOG.warn(
              "{}: {} rows were never seen by {}: they were committed later than the overlap, or"
                  + " written without setting it",
              table.name(),
              unseen,
              present.get().growing().name());
        }
        note(comparison, present.get(), schemas);
      }
    }
    SiteCopy.execute(connection, "UPDATE progress SET keys_read_at = ?", Micros.of(look.at()));
  }

  private static void note(
      Comparison comparison, PolledTable table, Map<SchemaId, TableSchema> schemas) {
    if (comparison.found()) {
      schemas.put(table.form().schema().id(), table.form().schema());
    }
  }

  private boolean keysAreDue(Connection connection, Instant now) throws SQLException {
    if (deleteDetection.isEmpty()) {
      return false;
    }
    Optional<Long> last = Rounds.number(connection, "SELECT keys_read_at FROM progress");
    return last.isEmpty()
        || !now.isBefore(Micros.instant(last.get()).plus(deleteDetection.get()))
        || now.isBefore(Micros.instant(last.get())); // a clock that was put back
  }

  private static void lookedAt(Connection connection, CopiedTable table, Instant at)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE copied_table SET looked_at = ? WHERE id = ?")) {
      update.setLong(1, Micros.of(at));
      update.setLong(2, table.id());
      update.executeUpdate();
    }
  }

  /** A table as it is now; empty if it is gone, or not to be seen. */
  private Optional<PolledTable> present(PolledDatabase.Look look, LocalName name) {
    Optional<LocalTable> table =
        look.tables().stream()
            .filter(t -> new LocalName(t.schemaName(), t.tableName()).equals(name))
            .findFirst();
    if (table.isEmpty()) {
      if (missing.add(name)) {
        LOG.warn("{}: the table is gone, or may not be seen; it is looked for again", name);
      }
      return Optional.empty();
    }
    missing.remove(name);
    TableSchema own = table.get().schema();
    String key = keys.apply(own.table());
    GrowingColumn growing =
        GrowingColumn.of(own, key)
            .orElseThrow(
                () -> {
                  GrowingColumn.Obstacle why = GrowingColumn.obstacle(own, key).orElseThrow();
                  return Fault.of(FaultKind.USAGE, "capture", name + " " + why.reason())
                      .hint(why.hint() + "; then start the agent again")
                      .build();
                });
    return Optional.of(new PolledTable(name, look.form(table.get()), growing));
  }
}
