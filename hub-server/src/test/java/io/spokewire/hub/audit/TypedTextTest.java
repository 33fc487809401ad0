package io.spokewire.hub.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.FieldImage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypedTextTest {
  @ParameterizedTest
  @CsvSource({
    "BOOLEAN, true",
    "INTEGER, -12345678901234567890",
    "DECIMAL, 12.50",
    "DECIMAL, NaN",
    "FLOAT32, 1.5",
    "FLOAT64, -0.0",
    "TEXT, Ann",
    "BYTES, 0x00ff",
    "DATE, 2026-11-22",
    "TIME, 13:45:07.25",
    "TIMESTAMP, 2026-11-22T13:45:07",
    "TIMESTAMP_TZ, 2026-11-22T13:45:07.000001Z",
    "UUID, 3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "JSON, '{\"a\": 1.50}'",
    "NATIVE, '{1,2}'"
  })
  void whatTheAuditShowsCanBeTyped(LogicalType type, String text) {
    Column column = new Column("c", type, "its type", true);
    TableSchema schema = TableSchema.of(new TableName("t"), List.of(column), List.of());

    assertThat(ReadableValue.of(schema, "c", FieldImage.of(TypedText.value(column, text))))
        .contains(text);
  }

  @ParameterizedTest
  @CsvSource({
    "INTEGER, 1.5, a whole number",
    "DATE, 22.11.2026, 2026-01-31",
    "BOOLEAN, perhaps, true or false",
    "JSON, '{', JSON",
    "BYTES, zz, hexadecimal"
  })
  void whatIsNoValueIsRefusedWithAnExample(LogicalType type, String text, String example) {
    assertThatThrownBy(() -> TypedText.value(new Column("c", type, "its type", true), text))
        .hasMessageContaining("c, which is its type")
        .hasMessageContaining(example);
  }

  @Test
  void aRowIsTakenAsItIsButForTheColumnsGiven() {
    Tuple row = Tuple.NONE;
    String changed = "{\"status\": \"paid\", \"total\": 1.50}";

    assertThat(
            ReadableValue.rowAsJson(
                Conflicts.ORDERS, TypedText.row(Conflicts.ORDERS, row, changed)))
        .isEqualTo("{\"status\": \"paid\", \"total\": 1.50}");
    assertThatThrownBy(() -> TypedText.row(Conflicts.ORDERS, row, "{\"stats\": 1}"))
        .hasMessageContaining("orders has no column stats");
    assertThatThrownBy(() -> TypedText.row(Conflicts.ORDERS, row, "{\"id\": 1}"))
        .hasMessageContaining("id is the row's key");
    assertThatThrownBy(() -> TypedText.row(Conflicts.ORDERS, row, "[]"))
        .hasMessageContaining("no JSON object");
  }
}
