package io.spokewire.hub.entry;

import io.spokewire.common.change.RowKey;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One conflicting field of one row: the writes that met, and what was decided. Written once, in the
 * same batch as the outcome it belongs to. Holds all that was weighed, so that nothing that lost is
 * lost, and another plan's rules can be asked what they would have done.
 *
 * @param schema the shape of the arriving write, which the images have
 * @param field the column, or {@code #} for the row's existence
 * @param base before the arriving write, from its before image; ABSENT if unknown
 * @param source the arriving write
 * @param target the live sibling it met; of several the latest that wrote something else
 * @param others the further siblings that were weighed, in the order of the log
 * @param rule the strategy that decided
 * @param ruleVersion the plan it comes from
 * @param result after resolution
 * @param open whether what was decided stands only until a person decides
 */
public record ConflictRecord(
    TableName table,
    SchemaId schema,
    RowKey key,
    String field,
    ConflictKind kind,
    FieldImage base,
    ConflictWrite source,
    ConflictWrite target,
    List<ConflictWrite> others,
    String rule,
    PlanVersion ruleVersion,
    FieldImage result,
    boolean open) {
  /** The field that stands for a row's existence. */
  public static final String EXISTENCE = "#";

  public ConflictRecord {
    others = List.copyOf(others);
  }

  /** Every write that was weighed, in the order of the log. */
  public List<ConflictWrite> siblings() {
    List<ConflictWrite> all = new ArrayList<>(others);
    all.add(target);
    all.add(source);
    all.sort(Comparator.comparingLong(write -> write.position().number()));
    return all;
  }

  /**
   * One record per field of a row: a transaction that writes a field twice meets the same rival
   * twice, and what counts is where it began and what it ended with.
   *
   * @param records of one transaction, in its order
   */
  public static List<ConflictRecord> onePerField(List<ConflictRecord> records) {
    if (records.size() < 2) {
      return records;
    }
    Map<Place, ConflictRecord> byPlace = new LinkedHashMap<>();
    for (ConflictRecord record : records) {
      byPlace.merge(
          new Place(record.table, record.key, record.field),
          record,
          (first, last) -> last.withBase(first.base));
    }
    return List.copyOf(byPlace.values());
  }

  private record Place(TableName table, RowKey key, String field) {}

  private ConflictRecord withBase(FieldImage newBase) {
    return new ConflictRecord(
        table,
        schema,
        key,
        field,
        kind,
        newBase,
        source,
        target,
        others,
        rule,
        ruleVersion,
        result,
        open);
  }
}
