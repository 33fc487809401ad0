package io.spokewire.common.wire;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.List;

/** Shapes and descriptions of tables. Stateless; safe from any thread. */
public final class TableCodec {
  private TableCodec() {}

  public static io.spokewire.proto.TableSchema toMessage(TableSchema schema) {
    io.spokewire.proto.TableSchema.Builder message =
        io.spokewire.proto.TableSchema.newBuilder()
            .setId(schema.id().value())
            .setTable(schema.table().name())
            .addAllKey(schema.key());
    for (Column column : schema.columns()) {
      message.addColumns(
          io.spokewire.proto.TableSchema.Column.newBuilder()
              .setName(column.name())
              .setType(column.type().code())
              .setNativeType(column.nativeType())
              .setNullable(column.nullable()));
    }
    return message.build();
  }

  /**
   * @throws io.spokewire.common.fault.Fault if the message is not a shape, its id does not fit its
   *     content, or it has a type that is not known here
   */
  public static TableSchema ofMessage(io.spokewire.proto.TableSchema message) {
    WireChecks.noUnknownFields(message);
    List<Column> columns = new ArrayList<>(message.getColumnsCount());
    for (io.spokewire.proto.TableSchema.Column column : message.getColumnsList()) {
      WireChecks.noUnknownFields(column);
      columns.add(
          new Column(
              column.getName(),
              type(column.getType()),
              column.getNativeType(),
              column.getNullable()));
    }
    TableName table = IdCodec.table(message.getTable(), "TableSchema.table");
    try {
      return new TableSchema(table, columns, message.getKeyList(), new SchemaId(message.getId()));
    } catch (IllegalArgumentException e) {
      throw WireChecks.malformed("TableSchema", e);
    }
  }

  public static io.spokewire.proto.TableDescription toMessage(TableDescription description) {
    io.spokewire.proto.TableDescription.Builder message =
        io.spokewire.proto.TableDescription.newBuilder()
            .setSchema(toMessage(description.schema()))
            .setBeforeImages(description.beforeImages())
            .setEmptyAtStart(description.emptyAtStart());
    for (TableDescription.UniqueSet set : description.uniqueSets()) {
      message.addUniqueSets(
          io.spokewire.proto.TableDescription.UniqueSet.newBuilder()
              .setName(set.name())
              .addAllColumns(set.columns()));
    }
    for (TableDescription.ForeignKey foreign : description.foreignKeys()) {
      message.addForeignKeys(
          io.spokewire.proto.TableDescription.ForeignKey.newBuilder()
              .setName(foreign.name())
              .addAllColumns(foreign.columns())
              .setReferenced(foreign.referenced().name())
              .addAllReferencedColumns(foreign.referencedColumns()));
    }
    for (TableDescription.Generator generator : description.generators()) {
      message.addGenerators(
          io.spokewire.proto.TableDescription.Generator.newBuilder()
              .setColumn(generator.column())
              .setFirst(generator.first())
              .setStep(generator.step())
              .setLast(generator.last()));
    }
    return message.build();
  }

  /**
   * @throws io.spokewire.common.fault.Fault if the message is not a description
   */
  public static TableDescription ofMessage(io.spokewire.proto.TableDescription message) {
    WireChecks.noUnknownFields(message);
    WireChecks.present(message.hasSchema(), "TableDescription.schema");
    List<TableDescription.UniqueSet> sets = new ArrayList<>(message.getUniqueSetsCount());
    for (io.spokewire.proto.TableDescription.UniqueSet set : message.getUniqueSetsList()) {
      WireChecks.noUnknownFields(set);
      sets.add(new TableDescription.UniqueSet(set.getName(), set.getColumnsList()));
    }
    List<TableDescription.ForeignKey> foreign = new ArrayList<>(message.getForeignKeysCount());
    for (io.spokewire.proto.TableDescription.ForeignKey key : message.getForeignKeysList()) {
      WireChecks.noUnknownFields(key);
      foreign.add(
          new TableDescription.ForeignKey(
              key.getName(),
              key.getColumnsList(),
              IdCodec.table(key.getReferenced(), "TableDescription.ForeignKey.referenced"),
              key.getReferencedColumnsList()));
    }
    List<TableDescription.Generator> generators = new ArrayList<>(message.getGeneratorsCount());
    for (io.spokewire.proto.TableDescription.Generator generator : message.getGeneratorsList()) {
      WireChecks.noUnknownFields(generator);
      WireChecks.present(generator.getStep() != 0, "TableDescription.Generator.step");
      generators.add(
          new TableDescription.Generator(
              generator.getColumn(),
              generator.getFirst(),
              generator.getStep(),
              generator.getLast()));
    }
    return new TableDescription(
        ofMessage(message.getSchema()),
        sets,
        foreign,
        message.getBeforeImages(),
        message.getEmptyAtStart(),
        generators);
  }

  private static LogicalType type(int code) {
    try {
      return LogicalType.ofCode(code);
    } catch (IllegalArgumentException e) {
      throw WireChecks.newerPeer(
          "TableSchema.Column.type is unknown: " + Integer.toUnsignedString(code));
    }
  }
}
