package io.spokewire.common.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.TableName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TableCodecTest {
  private static final TableSchema LINES =
      TableSchema.of(
          new TableName("sales.lines"),
          List.of(
              new Column("order_id", LogicalType.INTEGER, "bigint", false),
              new Column("price", LogicalType.DECIMAL, "numeric(10,2)", true),
              new Column("no", LogicalType.INTEGER, "integer", false)),
          List.of(2, 0));

  @Test
  void aShapeComesBackAsItWas() {
    assertThat(TableCodec.ofMessage(TableCodec.toMessage(LINES))).isEqualTo(LINES);
  }

  @Test
  void aShapeWithoutKeyComesBackAsItWas() {
    TableSchema keyless = TableSchema.of(new TableName("events"), LINES.columns(), List.of());
    assertThat(TableCodec.ofMessage(TableCodec.toMessage(keyless))).isEqualTo(keyless);
  }

  @ParameterizedTest
  @EnumSource(LogicalType.class)
  void everyTypeComesBackAsItWas(LogicalType type) {
    TableSchema schema =
        TableSchema.of(
            new TableName("t"), List.of(new Column("c", type, "anything", true)), List.of());
    assertThat(TableCodec.ofMessage(TableCodec.toMessage(schema))).isEqualTo(schema);
  }

  @Test
  void aDescriptionComesBackAsItWas() {
    TableDescription description =
        new TableDescription(
            LINES,
            List.of(new TableDescription.UniqueSet("lines_no_key", List.of("order_id", "no"))),
            List.of(
                new TableDescription.ForeignKey(
                    "lines_order_fk", List.of("order_id"), new TableName("orders"), List.of("id"))),
            true,
            false,
            List.of(new TableDescription.Generator("no", -7, 10, 93)));
    assertThat(TableCodec.ofMessage(TableCodec.toMessage(description))).isEqualTo(description);
  }

  @Test
  void aTypeThatIsNotKnownIsRefused() {
    io.spokewire.proto.TableSchema.Builder newer = TableCodec.toMessage(LINES).toBuilder();
    newer.getColumnsBuilder(1).setType(77);
    assertThatThrownBy(() -> TableCodec.ofMessage(newer.build()))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("TableSchema.Column.type is unknown: 77")
        .hasMessageContaining("newer peer?");
  }

  @Test
  void anIdThatDoesNotFitTheContentIsRefused() {
    io.spokewire.proto.TableSchema.Builder garbled = TableCodec.toMessage(LINES).toBuilder();
    garbled.getColumnsBuilder(1).setNullable(false);
    assertThatThrownBy(() -> TableCodec.ofMessage(garbled.build()))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("does not fit its content");
  }

  @Test
  void aDescriptionWithoutShapeIsRefused() {
    assertThatThrownBy(
            () -> TableCodec.ofMessage(io.spokewire.proto.TableDescription.getDefaultInstance()))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("TableDescription.schema");
  }
}
