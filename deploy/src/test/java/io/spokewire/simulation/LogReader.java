package io.spokewire.simulation;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.fanout.Router;
import io.spokewire.simulation.Tables.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Somebody who never wrote anything and reads the whole log from its beginning: what he ends with
 * is the hub's state (I7).
 */
final class LogReader implements History.LogWatcher {
  private static final Writer NOBODY =
      new Writer(new SpokeId("nobody"), Epoch.FIRST, ChannelId.MAIN);

  private final Router router = new Router();
  private final Map<Key, String[]> rows = new TreeMap<>();
  private final SchemaBook schemas = new SchemaBook();
  private final List<LogEntry.OutcomePart> parts = new ArrayList<>();

  LogReader() {
    schemas.addAll(Tables.ALL);
  }

  void begin(Key key, String[] values) {
    rows.put(key, values);
  }

  @Override
  public void logged(LogEntry entry) {
    if (entry instanceof LogEntry.OutcomePart part) {
      parts.add(part);
    } else if (entry instanceof LogEntry.Outcome outcome) {
      parts.forEach(p -> take(router.rowsFor(NOBODY, p, outcome.transaction().writer())));
      parts.clear();
      take(router.rowsFor(NOBODY, outcome));
    }
  }

  private void take(RowBlock block) {
    Bytes own = Bytes.wrap(block.bytes().toByteArray()); // the router reuses its buffer
    for (RowChange change : new RowBlock(own, block.rows())) {
      Key key =
          switch (change) {
            case RowChange.Insert c -> keyOf(c, c.key());
            case RowChange.Update c -> keyOf(c, c.key());
            case RowChange.Delete c -> keyOf(c, c.key());
            case RowChange.KeyChange c -> keyOf(c, c.newKey());
            case RowChange.Truncate c -> throw new AssertionError(c);
          };
      switch (change) {
        case RowChange.Insert c ->
            rows.put(
                key,
                Tables.patched(
                    rows.getOrDefault(key, new String[key.table().columns().size()]), c.after()));
        case RowChange.KeyChange c -> { // or a row in the place of one with the same key
          rows.remove(keyOf(c, c.oldKey()));
          rows.put(key, Tables.patched(new String[key.table().columns().size()], c.after()));
        }
        case RowChange.Delete c -> rows.remove(key);
        case RowChange.Update c ->
            rows.computeIfPresent(key, (k, row) -> Tables.patched(row, c.after()));
        default -> throw new AssertionError(change);
      }
    }
  }

  private Key keyOf(RowChange change, RowKey key) {
    return Tables.key(Tables.of(schemas.get(change.schema()).table()), key);
  }

  Map<String, String> content() {
    Map<String, String> content = new TreeMap<>();
    rows.forEach((key, values) -> content.put(key.toString(), String.join("|", values)));
    return content;
  }
}
