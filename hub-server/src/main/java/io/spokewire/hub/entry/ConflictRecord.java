package io.spokewire.hub.entry;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;

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
  /** The field that stands for a row's existence. */
  public static final String EXISTENCE = "#";
}
