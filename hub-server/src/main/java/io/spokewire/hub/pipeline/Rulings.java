package io.spokewire.hub.pipeline;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.LogEntry.Ruled;
import io.spokewire.hub.entry.LogEntry.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what people say of conflicts: writes rows in the hub's name, and puts the word itself
 * into the log, from which the audit takes it. All of one call or nothing. Owned by the sequencing
 * loop.
 */
final class Rulings {
  private final ChannelState state;
  private final SchemaBook schemas;
  private final HubWriter hub;
  private final TimeSource time;

  Rulings(ChannelState state, SchemaBook schemas, HubWriter hub, TimeSource time) {
    this.state = state;
    this.schemas = schemas;
    this.hub = hub;
    this.time = time;
  }

  /**
   * Gives the writes and the word their places in the group.
   *
   * @throws Fault USAGE if a row can't be made so; the group is as it was then
   */
  void carryOut(
      Verdict verdict, List<Amendment> amendments, String by, String reason, Group group) {
    List<RowChange> changes = changes(amendments);
    for (RowChange change : changes) {
      Optional<String> obstacle = state.resolver().obstacle(change);
      if (obstacle.isPresent()) {
        throw Fault.of(FaultKind.USAGE, "write what was decided", obstacle.get())
            .hint("change that first, or decide on another value")
            .build();
      }
    }
    hub.write(changes, group);
    group.add(
        new LogEntry.Ruling(
            group.next(),
            verdict,
            new HybridTime(time.epochMicros(), 0),
            by,
            reason,
            amendments.stream().map(a -> new Ruled(a.conflict(), a.value())).toList()));
  }

  /** Columns of one row that are amended together are written together. */
  private List<RowChange> changes(List<Amendment> amendments) {
    List<RowChange> changes = new ArrayList<>();
    Map<Row, Map<String, Field>> columns = new LinkedHashMap<>();
    for (Amendment amendment : amendments) {
      ConflictRecord record = amendment.record();
      if (!amendment.writes()) {
        continue;
      }
      Row row = new Row(record.table(), record.key(), schemas.get(record.schema()));
      if (record.field().equals(ConflictRecord.EXISTENCE)) {
        changes.add(existence(row, amendment.value()));
      } else {
        columns
            .computeIfAbsent(row, r -> new LinkedHashMap<>())
            .put(record.field(), amendment.value().value());
      }
    }
    columns.forEach((row, values) -> changes.add(update(row, values)));
    return changes;
  }

  private static RowChange existence(Row row, FieldImage value) {
    if (value.value().equals(FieldImage.IS_GONE)) {
      return new RowChange.Delete(row.schema().id(), row.key(), Tuple.NONE);
    }
    TupleReader fields = value.row().reader();
    int known = 0;
    while (fields.next()) {
      known += fields.tag() == FieldTag.VALUE || fields.tag() == FieldTag.NULL ? 1 : 0;
    }
    if (known < row.schema().columns().size()) {
      throw Fault.of(
              FaultKind.USAGE,
              "bring back a row",
              "the audit does not know all of its columns: " + row.table() + " " + row.key())
          .hint("insert it at a site")
          .build();
    }
    return new RowChange.Insert(row.schema().id(), row.key(), value.row());
  }

  private RowChange update(Row row, Map<String, Field> values) {
    @Nullable Field[] after = new Field[row.schema().columns().size()];
    values.forEach(
        (column, value) -> {
          int ordinal = row.schema().ordinalOf(column);
          if (ordinal < 0 || !value.isPresent()) {
            throw Fault.of(
                    FaultKind.USAGE,
                    "write what was decided",
                    row.table() + "." + column + " has no value to be written")
                .build();
          }
          after[ordinal] = value;
        });
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    Arrays.stream(after).forEach(f -> tuple.put(f == null ? Field.UNCHANGED : f));
    return new RowChange.Update(
        row.schema().id(), row.key(), Tuple.NONE, new Tuple(sink.toBytes()));
  }

  private record Row(TableName table, RowKey key, TableSchema schema) {}
}
