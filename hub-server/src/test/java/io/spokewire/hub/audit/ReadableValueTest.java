package io.spokewire.hub.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.FieldImage;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReadableValueTest {
  @Test
  void eachTypeReadsAsPeopleWriteIt() {
    assertThat(read(LogicalType.BOOLEAN, Bytes.utf8("t"))).isEqualTo("true");
    assertThat(read(LogicalType.BOOLEAN, Bytes.utf8("f"))).isEqualTo("false");
    assertThat(read(LogicalType.INTEGER, Bytes.utf8("-42"))).isEqualTo("-42");
    assertThat(read(LogicalType.DECIMAL, Bytes.utf8("1.50"))).isEqualTo("1.50");
    assertThat(read(LogicalType.FLOAT32, int32(Float.floatToIntBits(1.5f)))).isEqualTo("1.5");
    assertThat(read(LogicalType.FLOAT64, int64(Double.doubleToLongBits(Double.NaN))))
        .isEqualTo("NaN");
    assertThat(read(LogicalType.TEXT, Bytes.utf8("naïve"))).isEqualTo("naïve");
    assertThat(read(LogicalType.BYTES, Bytes.fromHex("00ff"))).isEqualTo("0x00ff");
    assertThat(read(LogicalType.DATE, int32(20_000))).isEqualTo("2024-10-04");
    assertThat(read(LogicalType.DATE, int32(Integer.MAX_VALUE))).isEqualTo("infinity");
    assertThat(read(LogicalType.TIME, int64(86_400_000_000L))).isEqualTo("24:00:00");
    assertThat(read(LogicalType.TIME, int64(3_661_500_000L))).isEqualTo("01:01:01.5");
    assertThat(read(LogicalType.TIMESTAMP, int64(0))).isEqualTo("1970-01-01T00:00:00");
    assertThat(read(LogicalType.TIMESTAMP_TZ, int64(1_705_314_600_000_001L)))
        .isEqualTo("2024-01-15T10:30:00.000001Z");
    assertThat(read(LogicalType.TIMESTAMP_TZ, int64(Long.MIN_VALUE))).isEqualTo("-infinity");
    assertThat(read(LogicalType.UUID, Bytes.fromHex("7b0f3d4e000040008000000000000001")))
        .isEqualTo("7b0f3d4e-0000-4000-8000-000000000001");
    assertThat(read(LogicalType.JSON, Bytes.utf8("{\"a\": 1}"))).isEqualTo("{\"a\": 1}");
    assertThat(read(LogicalType.NATIVE, Bytes.utf8("(1,2)"))).isEqualTo("(1,2)");
  }

  @Test
  void bytesThatAreNotWhatTheirTypeSaysAreShownInHexadecimal() {
    assertThat(read(LogicalType.TIMESTAMP, Bytes.fromHex("0102"))).isEqualTo("0x0102");
    assertThat(read(LogicalType.BOOLEAN, Bytes.utf8("yes"))).isEqualTo("0x796573");
  }

  @Test
  void existenceReadsAsTheRowAsFarAsItIsKnown() {
    TableSchema schema = Conflicts.ORDERS;
    Tuple row =
        Conflicts.key(Conflicts.text("7"), Field.UNCHANGED, Conflicts.text("1.50")).asTuple();
    assertThat(ReadableValue.of(schema, "#", FieldImage.ofRow(row)))
        .contains("{\"id\": 7, \"total\": 1.50}");
    Tuple withNull = Conflicts.key(Conflicts.text("7"), Field.NULL, Field.NULL).asTuple();
    assertThat(ReadableValue.of(schema, "#", FieldImage.ofRow(withNull)))
        .contains("{\"id\": 7, \"status\": null, \"total\": null}");
    assertThat(ReadableValue.of(schema, "#", FieldImage.NO_ROW)).isEmpty();
    assertThat(ReadableValue.of(schema, "#", FieldImage.of(Field.ABSENT))).isEmpty();
    assertThat(ReadableValue.typeOf(schema, "#")).isEqualTo("existence");
  }

  @Test
  void aKeyOfSeveralColumnsIsAnObjectInKeyOrder() {
    TableSchema schema =
        TableSchema.of(
            new TableName("lines"),
            List.of(
                new Column("note", LogicalType.TEXT, "text", true),
                new Column("number", LogicalType.INTEGER, "int", false),
                new Column("order \"x\"", LogicalType.TEXT, "text", false)),
            List.of(2, 1));
    assertThat(
            ReadableValue.keyAsJson(
                schema, Conflicts.key(Conflicts.text("A\"1"), Conflicts.text("3"))))
        .isEqualTo("{\"order \\\"x\\\"\": \"A\\\"1\", \"number\": 3}");
    assertThat(
            ReadableValue.keyAsText(
                schema, Conflicts.key(Conflicts.text("A1"), Conflicts.text("3"))))
        .isEqualTo("A1,3");
  }

  private static String read(LogicalType type, Bytes value) {
    return ReadableValue.of(schemaOf(type), "value", FieldImage.of(Field.ofValue(value)))
        .orElseThrow();
  }

  private static TableSchema schemaOf(LogicalType type) {
    return TableSchema.of(
        new TableName("things"), List.of(new Column("value", type, "native", true)), List.of(0));
  }

  private static Bytes int32(int value) {
    return new ByteSink().putInt32(value).toBytes();
  }

  private static Bytes int64(long value) {
    return new ByteSink().putInt64(value).toBytes();
  }
}
