package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.postgres.PgOutputMessage.Attribute;
import io.spokewire.agent.capture.postgres.PgOutputMessage.Relation;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgAgreedForm;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgCatalogue.PgType;
import io.spokewire.agent.schema.postgres.PgShape;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Plans from Relation messages and the catalogue. The message counts for columns and types, because
 * it is as old as the rows that follow; the present catalogue adds what the message does not say:
 * type names, NOT NULL, the order of the key.
 *
 * <p>Equal messages get the same plan as long as this lives. Not thread-safe.
 */
final class CataloguedRelations implements RelationPlans {
  private final TableScope scope;
  private final Session session;
  private final boolean wholeImages;
  private final Map<Relation, RelationPlan> known = new HashMap<>();

  /** For the log, whose old rows are whole where the table's REPLICA IDENTITY says so. */
  CataloguedRelations(TableScope scope, Session session) {
    this(scope, session, false);
  }

  private CataloguedRelations(TableScope scope, Session session, boolean wholeImages) {
    this.scope = scope;
    this.session = session;
    this.wholeImages = wholeImages;
  }

  /** For rows that come whole, old and new, whatever the table's REPLICA IDENTITY is. */
  static CataloguedRelations withWholeImages(TableScope scope, Session session) {
    return new CataloguedRelations(scope, session, true);
  }

  @Override
  public RelationPlan planFor(Relation relation) {
    Relation anywhere =
        new Relation(
            0,
            relation.id(),
            relation.schemaName(),
            relation.tableName(),
            relation.identity(),
            relation.columns());
    RelationPlan plan = known.get(anywhere);
    if (plan == null) {
      plan =
          scope
              .nameOf(new LocalName(relation.schemaName(), relation.tableName()))
              .map(name -> make(name, relation))
              .orElse(RelationPlan.OUTSIDE);
      known.put(anywhere, plan);
    }
    return plan;
  }

  private RelationPlan make(TableName name, Relation relation) {
    return session.call(
        "read the shape of " + name,
        connection -> {
          PgCatalogue catalogue = new PgCatalogue(connection);
          Optional<PgShape> present = catalogue.shape(Integer.toUnsignedLong(relation.id()));
          Set<String> generated = present.map(PgShape::generated).orElse(Set.of());
          List<Attribute> kept = new ArrayList<>();
          List<Integer> ordinals = new ArrayList<>();
          for (Attribute attribute : relation.columns()) {
            boolean keep = !generated.contains(attribute.name());
            ordinals.add(keep ? kept.size() : -1);
            if (keep) {
              kept.add(attribute);
            }
          }
          List<PgType> types =
              catalogue.types(
                  kept.stream().map(a -> Integer.toUnsignedLong(a.type())).toList(),
                  kept.stream().map(Attribute::modifier).toList());
          Map<String, Column> presentColumns = new HashMap<>();
          present.ifPresent(shape -> shape.columns().forEach(c -> presentColumns.put(c.name(), c)));
          List<Column> columns = new ArrayList<>();
          for (int i = 0; i < kept.size(); i++) {
            String column = kept.get(i).name();
            Column now = presentColumns.get(column);
            PgType type = types.get(i);
            LogicalType agreed = scope.agreedTypes().of(name, column, type.logicalType());
            // A type that was altered since may have nothing to do with the agreed one.
            boolean fits = PgAgreedForm.canYield(type.logicalType(), agreed);
            columns.add(
                new Column(
                    column,
                    fits ? agreed : type.logicalType(),
                    type.nativeType(),
                    now == null || now.nullable()));
          }
          List<Integer> key = key(relation.identity() == 'f', kept, present);
          boolean whole =
              wholeImages
                  || (relation.identity() == 'f'
                      && present.map(PgShape::beforeImages).orElse(true));
          return RelationPlan.of(
              TableSchema.of(name, columns, key),
              types.stream().map(PgType::logicalType).toList(),
              ordinals,
              whole);
        });
  }

  private static List<Integer> key(
      boolean full, List<Attribute> columns, Optional<PgShape> present) {
    if (present.isPresent() && present.get().generatedKey()) {
      return List.of();
    }
    List<String> names = columns.stream().map(Attribute::name).toList();
    List<Integer> identity = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).identity()) {
        identity.add(i);
      }
    }
    List<Integer> presentKey =
        present
            .map(
                shape ->
                    shape.key().stream()
                        .map(k -> names.indexOf(shape.columns().get(k).name()))
                        .toList())
            .orElse(List.of());
    if (presentKey.contains(-1)) {
      presentKey = List.of();
    }
    if (full) {
      // Every column is marked then.
      return presentKey;
    }
    return new HashSet<>(presentKey).equals(new HashSet<>(identity)) ? presentKey : identity;
  }
}
