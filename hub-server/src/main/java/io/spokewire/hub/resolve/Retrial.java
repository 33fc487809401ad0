package io.spokewire.hub.resolve;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.config.Plan;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.Retried;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.Sibling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Settles recorded conflicts again with another plan's rules, each by itself: what came after would
 * have come differently too, and is not guessed. Pure; safe from any thread.
 */
public final class Retrial {
  private final RuleBook rules;
  private final SchemaBook schemas;

  Retrial(RuleBook rules, SchemaBook schemas) {
    this.rules = rules;
    this.schemas = schemas;
  }

  /** Under this plan's rules. */
  public static Retrial under(Plan plan, SchemaBook schemas) {
    return new Retrial(RuleBook.of(plan, PlanVersion.NONE), schemas);
  }

  /** What its rules make of the siblings that met. */
  public Retried of(ConflictRecord conflict) {
    if (!isOfOneField(conflict.kind())) {
      return new Retried.Unknown(
          "conflicts between rows (" + conflict.kind().label() + ") depend on other rows");
    }
    if (!schemas.contains(conflict.schema())) {
      return new Retried.Unknown("this log does not know the shape their table had");
    }
    return conflict.field().equals(ConflictRecord.EXISTENCE)
        ? existence(conflict)
        : field(conflict);
  }

  private Retried existence(ConflictRecord conflict) {
    if (conflict.rule().equals(Settlement.ROW_UNKNOWN_RULE)) {
      return new Retried.Unknown("nobody has said all of the row that was deleted");
    }
    DeletePolicy policy = rules.rulesFor(conflict.table()).delete();
    List<Sibling> siblings = siblings(conflict, null);
    boolean exists = Settlement.exists(policy, siblings);
    return new Retried.Settled(
        policy.name().toLowerCase(Locale.ROOT), exists ? survivor(conflict) : FieldImage.NO_ROW);
  }

  /** The row of the latest write that made one. */
  private static FieldImage survivor(ConflictRecord conflict) {
    if (conflict.result().value().equals(FieldImage.EXISTS)) {
      return conflict.result();
    }
    return conflict.siblings().stream()
        .filter(write -> write.value().equals(FieldImage.EXISTS))
        .filter(write -> write.schema().equals(conflict.schema()))
        .reduce((first, later) -> later)
        .map(write -> FieldImage.ofRow(write.row()))
        .orElseGet(() -> FieldImage.of(FieldImage.EXISTS));
  }

  private Retried field(ConflictRecord conflict) {
    TableSchema schema = schemas.get(conflict.schema());
    int ordinal = schema.ordinalOf(conflict.field());
    if (ordinal < 0) {
      return new Retried.Unknown("this log does not know the shape their table had");
    }
    TableRules table = rules.rulesFor(conflict.table());
    if (table.groups().stream().anyMatch(group -> group.contains(conflict.field()))) {
      return new Retried.Unknown(
          "a field group is settled with what each site had in all of its columns");
    }
    Column column = schema.columns().get(ordinal);
    FieldRule rule = table.columns().ruleFor(schema, column);
    if (rule.addsUp() && conflict.kind() != ConflictKind.INSERT_EXISTS) {
      return new Retried.Unknown(
          "a sum needs every write to the field, and a conflict keeps those that met");
    }
    return new Retried.Settled(
        rule.strategy(), FieldImage.of(rule.settle(siblings(conflict, rule.stampColumn()))));
  }

  private List<Sibling> siblings(ConflictRecord conflict, @Nullable String stampColumn) {
    List<Sibling> siblings = new ArrayList<>();
    for (ConflictWrite write : conflict.siblings()) {
      siblings.add(
          new Sibling(
              write.spoke(),
              write.sequence(),
              write.position(),
              write.time(),
              write.value(),
              stampColumn == null ? Field.ABSENT : stamp(write, stampColumn)));
    }
    return siblings;
  }

  private Field stamp(ConflictWrite write, String column) {
    if (!schemas.contains(write.schema())) {
      return Field.ABSENT;
    }
    int ordinal = schemas.get(write.schema()).ordinalOf(column);
    TupleReader reader = write.row().reader();
    while (ordinal >= 0 && reader.next()) {
      if (reader.ordinal() == ordinal) {
        boolean says = reader.tag() == FieldTag.NULL || reader.tag() == FieldTag.VALUE;
        return says ? reader.field() : Field.ABSENT;
      }
    }
    return Field.ABSENT;
  }

  private static boolean isOfOneField(ConflictKind kind) {
    return switch (kind) {
      case INSERT_EXISTS,
          UPDATE_CONCURRENT,
          UPDATE_DELETED,
          DELETE_CONCURRENT_UPDATE,
          OWN_OVERWRITTEN ->
          true;
      case UPDATE_PKEY_EXISTS,
          UPDATE_PKEY_CONCURRENT,
          UNIQUE_VIOLATION,
          FK_PARENT_MISSING,
          FK_CHILD_EXISTS,
          CHECK_VIOLATION_AFTER_MERGE,
          TRUNCATE_CONCURRENT ->
          false;
    };
  }
}
