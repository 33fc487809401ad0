package io.spokewire.hub.entry;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One conflicting field of one row: the arriving write, the live sibling it met, and what was
 * decided. Written once, in the same batch as the outcome it belongs to. Where several siblings
 * were live, {@code target} is the one the arriving write was weighed against: the latest of them.
 *
 * @param field the column, or {@code #} for the row's existence
 * @param base the field before the arriving write, from its before image; ABSENT if unknown
 * @param result the field after resolution
 * @param rule the strategy that decided
 * @param ruleVersion the plan it comes from
 */
public record ConflictRecord(
    TableName table,
    SchemaId schema,
    RowKey key,
    String field,
    ConflictKind kind,
    Field base,
    SpokeId sourceSpoke,
    Sequence sourceSequence,
    Field sourceValue,
    VectorClock sourceClock,
    SpokeId targetSpoke,
    Sequence targetSequence,
    Field targetValue,
    VectorClock targetClock,
    String rule,
    PlanVersion ruleVersion,
    Field result) {
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

  private ConflictRecord withBase(Field newBase) {
    return new ConflictRecord(
        table,
        schema,
        key,
        field,
        kind,
        newBase,
        sourceSpoke,
        sourceSequence,
        sourceValue,
        sourceClock,
        targetSpoke,
        targetSequence,
        targetValue,
        targetClock,
        rule,
        ruleVersion,
        result);
  }

  /** The field that stands for a row's existence. */
  public static final String EXISTENCE = "#";
}
