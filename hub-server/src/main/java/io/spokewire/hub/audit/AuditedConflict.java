package io.spokewire.hub.audit;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One row of {@code sync_conflicts}: a conflicting field as the audit keeps it, readable by people,
 * and the record of the log behind it.
 *
 * @param id ascending in log order, never reused; for people
 * @param conflict its name in the log
 * @param timestamp when it was found: the latest commit that the hub had logged by then. Never
 *     falls from one conflict to the next
 * @param key the row's key as a JSON object, {@code {"id": 7}}
 * @param type the logical type of the values in lower case; {@code existence} for {@code #}
 * @param base before the arriving write
 * @param source the arriving write
 * @param target the live sibling it met
 * @param others the further siblings, in the order of the log
 * @param decision what a person said of it, if anybody did
 * @param record everything, exactly
 */
public record AuditedConflict(
    long id,
    ConflictId conflict,
    Instant timestamp,
    String key,
    String type,
    ConflictState state,
    Shown base,
    Side source,
    Side target,
    List<Side> others,
    Shown result,
    Optional<Decision> decision,
    ConflictRecord record) {
  public AuditedConflict {
    others = List.copyOf(others);
  }

  public TableName table() {
    return record.table();
  }

  public SchemaId schema() {
    return record.schema();
  }

  /** The column, or {@code #} for the row's existence. */
  public String field() {
    return record.field();
  }

  /** {@code update_concurrent}, {@code update_deleted}, ... */
  public String kind() {
    return record.kind().label();
  }

  /** The strategy that decided. */
  public String resolution() {
    return record.rule();
  }

  /** Where its outcome stands in the log. */
  public Position position() {
    return conflict.position();
  }

  public PlanVersion ruleVersion() {
    return record.ruleVersion();
  }

  /**
   * One of the writes that met.
   *
   * @param time of its commit
   * @param deleted the row that it deleted, as JSON, if it did and the row is known
   */
  public record Side(
      SpokeId spoke,
      Sequence sequence,
      Position position,
      Instant time,
      Shown value,
      Optional<String> deleted,
      VectorClock clock) {}

  /**
   * A field's value twice: for people, and exactly.
   *
   * @param text readable; empty for NULL, for a value that is absent, and where there is no row
   * @param exact the encoded field
   */
  public record Shown(Optional<String> text, Field exact) {
    /** An image of a column, or of {@code #}, in this shape. */
    public static Shown of(TableSchema schema, String field, FieldImage image) {
      return new Shown(ReadableValue.of(schema, field, image), image.value());
    }
  }

  /**
   * A person's word.
   *
   * @param value what the field was given, readable; empty for NULL, or no row
   */
  public record Decision(String by, Instant at, Optional<String> value, String reason) {}
}
