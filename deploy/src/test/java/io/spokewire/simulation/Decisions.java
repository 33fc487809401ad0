package io.spokewire.simulation;

import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.LogEntry.Ruled;
import io.spokewire.simulation.Tables.Key;
import java.util.Map;
import java.util.TreeMap;

/** What people decided and nobody has written to since: every site must end with it. */
final class Decisions implements History.LogWatcher {
  private final World world;
  private final Map<Key, Map<Integer, FieldImage>> standing = new TreeMap<>();
  private History.Logged ofHub; // if that was the last entry

  Decisions(World world) {
    this.world = world;
  }

  @Override
  public void logged(LogEntry entry) {
    switch (entry) {
      case LogEntry.Outcome e -> {
        History.Logged logged = world.history.at(e.position().number());
        if (logged != null) {
          logged.rows().forEach(this::written);
        }
        ofHub = History.isOfHub(e) ? logged : null;
      }
      case LogEntry.Ruling e -> {
        e.conflicts().forEach(this::ruled);
        ofHub = null;
      }
      default -> ofHub = null;
    }
  }

  private void written(Key key, History.Row row) {
    standing.getOrDefault(key, new TreeMap<>()).keySet().removeAll(row.wrote());
  }

  private void ruled(Ruled ruled) {
    ConflictRecord record =
        world
            .history
            .at(ruled.conflict().position().number())
            .outcome()
            .conflicts()
            .get(ruled.conflict().ordinal());
    Key key = Tables.key(Tables.of(record.table()), record.key());
    if (ofHub != null && ofHub.rows().containsKey(key)) {
      standing.computeIfAbsent(key, k -> new TreeMap<>()).put(fieldOf(key, record), ruled.value());
    }
  }

  private static int fieldOf(Key key, ConflictRecord record) {
    return record.field().equals(ConflictRecord.EXISTENCE)
        ? RowState.existence(key)
        : Tables.column(key.table(), record.field());
  }

  /** Judges a site at the end. */
  void judge(Site site) {
    standing.forEach(
        (key, fields) ->
            fields.forEach(
                (field, value) -> judge(site, key, field, site.database().row(key), value)));
  }

  private void judge(Site site, Key key, int field, RowState row, FieldImage decided) {
    boolean ofRow = field == RowState.existence(key);
    boolean holds =
        ofRow
            ? row.exists() == decided.value().equals(FieldImage.EXISTS)
            : !row.exists() || row.values()[field].equals(decided.value().value().toUtf8());
    if (!holds) {
      world.verdict.violation("decided", site.name() + " " + key + " field " + field);
    }
  }
}
