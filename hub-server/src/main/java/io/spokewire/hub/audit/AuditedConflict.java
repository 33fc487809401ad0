package io.spokewire.hub.audit;

import io.spokewire.common.change.Field;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.time.Instant;
import java.util.Optional;

/**
 * One row of {@code sync_conflicts}: a conflicting field as the audit keeps it, readable by people.
 *
 * @param id ascending in log order, never reused
 * @param timestamp the commit time of the arriving write, from the log
 * @param key the row's key as a JSON object, {@code {"id": 7}}
 * @param field the column, or {@code #} for the row's existence
 * @param kind {@code update_concurrent}, {@code update_deleted}, ...
 * @param type the logical type of the values in lower case; {@code existence} for {@code #}
 * @param base before the arriving write
 * @param source the arriving write
 * @param target the live sibling it met
 * @param resolution the strategy that decided
 * @param position where its outcome stands in the log
 */
public record AuditedConflict(
    long id,
    Instant timestamp,
    TableName table,
    SchemaId schema,
    String key,
    String field,
    String kind,
    String type,
    Shown base,
    Side source,
    Side target,
    String resolution,
    Shown result,
    Position position,
    PlanVersion ruleVersion) {

  /** One of the two writes that met. */
  public record Side(SpokeId spoke, Sequence sequence, Shown value, VectorClock clock) {}

  /**
   * A field's value twice: for people, and exactly.
   *
   * @param text readable; empty for NULL and for a value that is absent
   * @param exact the encoded field, from which the value can be written again
   */
  public record Shown(Optional<String> text, Field exact) {}
}
