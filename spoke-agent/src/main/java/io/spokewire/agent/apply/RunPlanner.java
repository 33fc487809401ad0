package io.spokewire.agent.apply;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Turns the row changes of a batch, in log order, into as few runs as its mode allows. Running the
 * runs one after the other leaves every row as the changes one after the other would.
 *
 * <p>{@link Mode#REORDERED}: the order is kept for each key only. A change joins the latest run
 * that does the same, if its key was not touched by that run or a later one; so single-row traffic
 * over many keys becomes few statements. Changes of one key that meet are collapsed to their net
 * effect (insert and update to an insert, two updates to one, anything and a delete to the delete);
 * a delete and a later insert stay two, since columns that only exist here must start anew.
 *
 * <p>{@link Mode#STRICT}: the order is kept for everything. Only consecutive like changes of
 * different keys share a run, and nothing is collapsed.
 *
 * <p>Changes of ordered tables keep their order among each other, and are not collapsed, in either
 * mode.
 *
 * <p>In guarded tables each change is made only where the database holds what it replaces; updates
 * of one key are collapsed only where each replaces what the one before wrote.
 *
 * <p>A truncate concerns rows that are not in the batch, so it is not planned: what came before it
 * is finished first.
 *
 * <p>Not thread-safe. Holds the batch's rows until {@link #finish()}; the tuples share the blocks'
 * arrays.
 */
public final class RunPlanner {
  private static final int NEVER = -1;

  private final Mode mode;
  private final SchemaBook schemas;
  private final Predicate<TableName> guarded;
  private final Predicate<TableName> ordered;
  private final List<OpenRun> runs = new ArrayList<>();
  private final Map<Kind, OpenRun> latestOfKind = new HashMap<>();
  private @Nullable OpenRun latestOrdered;
  // For each key the place of the change that touched it last.
  private final Map<TableName, Map<Bytes, Place>> touched = new HashMap<>();
  private int rows;
  private long bytes;

  public RunPlanner(Mode mode, SchemaBook schemas) {
    this(mode, schemas, table -> false);
  }

  /**
   * @param guarded in which tables a change is made only where the database holds what it replaces
   */
  public RunPlanner(Mode mode, SchemaBook schemas, Predicate<TableName> guarded) {
    this(mode, schemas, guarded, table -> false);
  }

  /**
   * The same.
   *
   * @param ordered which tables' changes keep their order among each other in any mode
   */
  public RunPlanner(
      Mode mode, SchemaBook schemas, Predicate<TableName> guarded, Predicate<TableName> ordered) {
    this.mode = mode;
    this.schemas = schemas;
    this.guarded = guarded;
    this.ordered = ordered;
  }

  /** How freely changes may be put together. */
  public enum Mode {
    REORDERED,
    STRICT
  }

  /** How many changes were added since the last {@link #finish()}. */
  public int rows() {
    return rows;
  }

  /** Roughly how many bytes of rows are held. */
  public long bytes() {
    return bytes;
  }

  /** Adds the next change. {@code position} never decreases. */
  public void add(RowChange change, long position) {
    add(change, position, false);
  }

  /**
   * The same.
   *
   * @param own whether the change answers a transaction of this very site
   */
  public void add(RowChange change, long position, boolean own) {
    rows++;
    TableSchema schema = schemas.get(change.schema());
    switch (change) {
      case RowChange.Insert c -> {
        bytes += c.after().bytes().length();
        put(schema, c, c.key(), position, own);
      }
      case RowChange.Update c -> {
        bytes += c.after().bytes().length();
        put(schema, c, c.key(), position, own);
      }
      case RowChange.Delete c -> {
        bytes += c.key().bytes().length();
        put(schema, c, c.key(), position, own);
      }
      case RowChange.KeyChange c -> {
        bytes += c.after().bytes().length();
        if (!c.oldKey().equals(c.newKey())) {
          putKeyChange(schema, c, position, own);
        } else if (isGuarded(schema)) {
          put(schema, c, c.newKey(), position, own);
        } else {
          put(
              schema,
              new RowChange.Insert(c.schema(), c.newKey(), c.after()),
              c.newKey(),
              position,
              own);
        }
      }
      case RowChange.Truncate c -> throw new IllegalArgumentException("a truncate is not planned");
    }
  }

  /**
   * The runs for what was added, in the order in which they must run; the planner is empty then.
   */
  public List<Run> finish() {
    List<Run> planned = new ArrayList<>(runs.size());
    for (OpenRun run : runs) {
      if (!run.isEmpty()) {
        planned.add(run.close());
      }
    }
    runs.clear();
    latestOfKind.clear();
    latestOrdered = null;
    touched.clear();
    rows = 0;
    bytes = 0;
    return planned;
  }

  private void put(TableSchema schema, RowChange change, RowKey key, long position, boolean own) {
    PlannedRow row = new PlannedRow(change, position, position, own);
    Kind kind = kindOf(change, schema);
    if (!schema.hasKey()) {
      join(kind, schema, NEVER).add(row);
      return;
    }
    Map<Bytes, Place> keys = keysOf(schema);
    Place before = keys.get(key.bytes());
    if (before != null && mayMove(schema)) {
      PlannedRow net = collapse(before, row, schema);
      if (net != null) {
        Kind netKind = kindOf(net.change(), schema);
        if (netKind.equals(before.run.kind)) {
          before.run.replace(before.index, net);
          return;
        }
        before.run.remove(before.index);
        row = net;
        kind = netKind;
      }
    }
    int last = before == null ? NEVER : before.run.number;
    OpenRun run = join(kind, schema, last);
    keys.put(key.bytes(), new Place(run, run.add(row)));
  }

  private void putKeyChange(
      TableSchema schema, RowChange.KeyChange change, long position, boolean own) {
    Map<Bytes, Place> keys = keysOf(schema);
    Kind kind = kindOf(change, schema);
    // Rows of such a run are executed in their order, so a chain of key changes may share it.
    int last =
        Math.max(lastTouch(keys, change.oldKey(), kind), lastTouch(keys, change.newKey(), kind));
    OpenRun run = join(kind, schema, last);
    Place place = new Place(run, run.add(new PlannedRow(change, position, position, own)));
    keys.put(change.oldKey().bytes(), place);
    keys.put(change.newKey().bytes(), place);
  }

  private static int lastTouch(Map<Bytes, Place> keys, RowKey key, Kind joining) {
    Place place = keys.get(key.bytes());
    if (place == null) {
      return NEVER;
    }
    return place.run.kind.equals(joining) ? place.run.number - 1 : place.run.number;
  }

  /** The run that the change goes to: one after {@code last}, or a new one. */
  private OpenRun join(Kind kind, TableSchema schema, int last) {
    boolean mayMove = mayMove(schema);
    OpenRun candidate = mayMove ? latestOfKind.get(kind) : latestOrdered;
    if (candidate != null && candidate.number > last && candidate.kind.equals(kind)) {
      return candidate;
    }
    OpenRun fresh = new OpenRun(runs.size(), kind, schema);
    runs.add(fresh);
    latestOfKind.put(kind, fresh);
    latestOrdered = mayMove ? latestOrdered : fresh;
    return fresh;
  }

  /** Whether the order is kept for each key only. */
  private boolean mayMove(TableSchema schema) {
    return mode == Mode.REORDERED && !ordered.test(schema.table());
  }

  /** The net effect of what stands at {@code before} and then {@code row}, or null to keep both. */
  private @Nullable PlannedRow collapse(Place before, PlannedRow row, TableSchema schema) {
    PlannedRow earlier = before.run.get(before.index);
    if (!before.run.kind.schema.equals(schema.id())) {
      return null;
    }
    RowChange net =
        isGuarded(schema)
            ? guardedNet(earlier.change(), row.change())
            : net(earlier.change(), row.change(), schema);
    return net == null
        ? null
        : new PlannedRow(net, earlier.first(), row.last(), earlier.own() || row.own());
  }

  /** Two updates of which the second replaces what the first wrote; all else stays two. */
  private static @Nullable RowChange guardedNet(RowChange earlier, RowChange later) {
    return earlier instanceof RowChange.Update first && later instanceof RowChange.Update second
        ? TupleMerge.chain(first, second)
        : null;
  }

  private @Nullable RowChange net(RowChange first, RowChange second, TableSchema schema) {
    return switch (first) {
      case RowChange.Insert i ->
          switch (second) {
            case RowChange.Insert later -> ifComplete(later, schema);
            case RowChange.Update later -> {
              Tuple merged = TupleMerge.merge(i.after(), later.after());
              yield merged == null ? null : new RowChange.Insert(i.schema(), i.key(), merged);
            }
            case RowChange.Delete later -> later;
            case RowChange.KeyChange later -> null;
            case RowChange.Truncate later -> null;
          };
      case RowChange.Update u ->
          switch (second) {
            case RowChange.Update later -> {
              Tuple merged = TupleMerge.merge(u.after(), later.after());
              yield merged == null
                  ? null
                  : new RowChange.Update(u.schema(), u.key(), Tuple.NONE, merged);
            }
            // A complete row says everything; what was there before no longer matters.
            case RowChange.Insert later -> ifComplete(later, schema);
            case RowChange.Delete later -> later;
            case RowChange.KeyChange later -> null;
            case RowChange.Truncate later -> null;
          };
      case RowChange.Delete d -> second instanceof RowChange.Delete later ? later : null;
      case RowChange.KeyChange c -> null;
      case RowChange.Truncate t -> null;
    };
  }

  private RowChange.@Nullable Insert ifComplete(RowChange.Insert insert, TableSchema schema) {
    return written(schema, insert.after()).isComplete() ? insert : null;
  }

  private Kind kindOf(RowChange change, TableSchema schema) {
    return isGuarded(schema) ? guardedKindOf(change, schema) : openKindOf(change, schema);
  }

  private Kind guardedKindOf(RowChange change, TableSchema schema) {
    int columns = schema.columns().size();
    return switch (change) {
      case RowChange.Insert c -> Kind.of(schema, Run.Operation.INSERT, written(schema, c.after()));
      case RowChange.Update c ->
          Kind.of(schema, Run.Operation.UPDATE, WriteSet.guarded(c.after(), c.before(), columns));
      case RowChange.Delete c ->
          Kind.of(schema, Run.Operation.DELETE, WriteSet.deletes(c.before(), columns));
      case RowChange.KeyChange c ->
          Kind.of(
              schema,
              c.oldKey().equals(c.newKey()) ? Run.Operation.REPLACE : Run.Operation.KEY_CHANGE,
              WriteSet.guarded(c.after(), c.before(), columns));
      case RowChange.Truncate c -> throw new IllegalArgumentException("a truncate is not planned");
    };
  }

  private boolean isGuarded(TableSchema schema) {
    return schema.hasKey() && guarded.test(schema.table());
  }

  private Kind openKindOf(RowChange change, TableSchema schema) {
    return switch (change) {
      case RowChange.Insert c -> Kind.of(schema, Run.Operation.UPSERT, written(schema, c.after()));
      case RowChange.Update c -> Kind.of(schema, Run.Operation.UPDATE, written(schema, c.after()));
      case RowChange.Delete c -> Kind.of(schema, Run.Operation.DELETE, WriteSet.NOTHING);
      case RowChange.KeyChange c ->
          Kind.of(schema, Run.Operation.KEY_CHANGE, written(schema, c.after()));
      case RowChange.Truncate c -> throw new IllegalArgumentException("a truncate is not planned");
    };
  }

  private WriteSet written(TableSchema schema, Tuple after) {
    return WriteSet.of(after, schema.columns().size());
  }

  private Map<Bytes, Place> keysOf(TableSchema schema) {
    return touched.computeIfAbsent(schema.table(), table -> new HashMap<>());
  }

  private record Kind(SchemaId schema, Run.Operation operation, WriteSet written) {
    static Kind of(TableSchema schema, Run.Operation operation, WriteSet written) {
      return new Kind(schema.id(), operation, written);
    }
  }

  private record Place(OpenRun run, int index) {}

  /** A run in the making. */
  private static final class OpenRun {
    private final int number;
    private final Kind kind;
    private final TableSchema schema;
    private final List<@Nullable PlannedRow> rows = new ArrayList<>();
    private int removed;

    private OpenRun(int number, Kind kind, TableSchema schema) {
      this.number = number;
      this.kind = kind;
      this.schema = schema;
    }

    int add(PlannedRow row) {
      rows.add(row);
      return rows.size() - 1;
    }

    PlannedRow get(int index) {
      PlannedRow row = rows.get(index);
      if (row == null) {
        throw new IllegalStateException("row " + index + " was removed");
      }
      return row;
    }

    void replace(int index, PlannedRow row) {
      rows.set(index, row);
    }

    void remove(int index) {
      rows.set(index, null);
      removed++;
    }

    boolean isEmpty() {
      return rows.size() == removed;
    }

    Run close() {
      List<PlannedRow> kept = new ArrayList<>(rows.size() - removed);
      for (PlannedRow row : rows) {
        if (row != null) {
          kept.add(row);
        }
      }
      return new Run(schema, kind.operation, kind.written, kept);
    }
  }
}
