package io.spokewire.simulation;

import io.spokewire.common.change.Field;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.simulation.History.Sibling;
import io.spokewire.simulation.LocalCommit.Write;
import io.spokewire.simulation.Tables.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What the hub says was concurrent, compared with what truly was. A conflict is <i>missed</i> if
 * two different values were written to a field, neither writer having seen the other's, and no
 * record says so; a record is <i>false</i> if there was no such pair. Adding columns are left out:
 * what is added is nobody's rival.
 */
final class Findings {
  private final World world;
  private final Map<Place, ConflictRecord> records = new HashMap<>();
  private final Set<Place> matched = new HashSet<>();
  private final Set<String> auditedDots = new HashSet<>();
  private final List<ConflictRecord> secondKeys = new ArrayList<>();
  private LogEntry.Outcome outcome;
  private boolean reborn; // whose it is

  private record Place(String row, String field) {}

  Findings(World world) {
    this.world = world;
  }

  void begin(LogEntry.Outcome next) {
    outcome = next;
    reborn = !History.isOfHub(next) && world.siteOf(next.transaction().writer()).isReborn();
    records.clear();
    matched.clear();
    secondKeys.clear();
    for (ConflictRecord record : next.conflicts()) {
      if (record.kind() == ConflictKind.UPDATE_PKEY_CONCURRENT) {
        secondKeys.add(record);
        continue;
      }
      Key key = Tables.key(Tables.of(record.table()), record.key());
      records.put(new Place(key.toString(), record.field()), record);
      if (key.table() == Tables.LEDGER && record.field().equals("lineage")) {
        record.siblings().forEach(write -> audit(write.value()));
      }
    }
  }

  private void audit(Field lineage) {
    if (lineage.isPresent() && !lineage.isNull()) {
      auditedDots.addAll(List.of(lineage.value().toUtf8().split(",")));
    }
  }

  /** Whether a write's name stands in the lineage of some audited value. */
  boolean isAudited(String label) {
    return auditedDots.contains(label);
  }

  /** A row with a new key, with those who truly gave it others at the same time. */
  void judge(KeyMoves.Move move, List<KeyMoves.Move> rivals) {
    int before = secondKeys.size();
    secondKeys.removeIf(
        record -> {
          Key about = Tables.key(Tables.of(record.table()), record.key());
          return rivals.stream().anyMatch(r -> about.equals(r.to()) || about.equals(move.to()));
        });
    world.counts.secondKeys += before - secondKeys.size();
  }

  /** One written field, with the writes that truly were concurrent with it. */
  void judge(Key key, int field, Write write, List<Sibling> concurrent) {
    if (field == History.sumColumn(key)) {
      return;
    }
    boolean existence = field == RowState.existence(key);
    String name = existence ? ConflictRecord.EXISTENCE : key.table().columns().get(field).name();
    Place place = new Place(key.toString(), name);
    ConflictRecord record = records.get(place);
    boolean isConflict = concurrent.stream().anyMatch(s -> isRival(write, s.write()));
    if (isConflict) {
      world.counts.conflicts++;
    }
    if (record == null) {
      if (isConflict) {
        world.counts.missed++;
        world.verdict.missed(outcome.position() + " " + key + "." + name + " of " + write.last());
      }
      return;
    }
    matched.add(place);
    world.counts.audited++;
    if (!isConflict || concurrent.stream().noneMatch(s -> isTarget(s, record))) {
      countFalse();
    }
  }

  /**
   * A restored database may hold writes of its own that were settled later than what it has
   * applied; to the hub its next life has not seen them.
   */
  private void countFalse() {
    if (reborn) {
      world.counts.overCautious++;
    } else {
      world.counts.falselyAudited++;
    }
  }

  private static boolean isTarget(Sibling sibling, ConflictRecord record) {
    return sibling.spoke().equals(record.target().spoke().toString())
        && sibling.sequence() == record.target().sequence().number();
  }

  /** Whether a field got a value, now or on the way, that differs from what the other left. */
  private static boolean isRival(Write write, Write other) {
    String theirs = other.last();
    return theirs != null
        && write.values().stream().filter(Objects::nonNull).anyMatch(v -> !v.equals(theirs));
  }

  void end() {
    secondKeys.forEach(record -> countFalse());
    for (Place place : records.keySet()) {
      boolean adds = place.field().equals("quantity") || place.field().equals("amount");
      if (!matched.contains(place) && !adds) {
        countFalse();
      }
    }
  }
}
