package io.spokewire.common.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AgreedTypesTest {
  private static final TableName ODD = new TableName("sales.odd table");

  @Test
  void textsComeBackWhateverTheNames() {
    AgreedTypes agreed = agreed(ODD, "a column", LogicalType.UUID);
    assertThat(AgreedTypes.ofTexts(agreed.toTexts())).isEqualTo(agreed);
    assertThat(AgreedTypes.ofTexts(List.of())).isEqualTo(AgreedTypes.NONE);
  }

  @Test
  void whatIsNoTextOfOursIsRefused() {
    for (String text : List.of("", "UUID", "UUID 5 a b", "SHAPE 1 a b", "UUID x a b")) {
      assertThatThrownBy(() -> AgreedTypes.ofTexts(List.of(text)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aShapeTakesWhatIsAgreed() {
    TableSchema own =
        TableSchema.of(
            ODD,
            List.of(
                new Column("id", LogicalType.INTEGER, "bigint", false),
                new Column("a column", LogicalType.TEXT, "char(36)", true)),
            List.of(0));

    TableSchema shape = agreed(ODD, "a column", LogicalType.UUID).in(own);

    assertThat(shape.columns().get(0)).isEqualTo(own.columns().get(0));
    assertThat(shape.columns().get(1))
        .isEqualTo(new Column("a column", LogicalType.UUID, "char(36)", true));
    assertThat(AgreedTypes.NONE.in(own)).isSameAs(own);
  }

  @Test
  void whatIsAgreedIsNotAgreedOtherwise() {
    AgreedTypes agreed = agreed(ODD, "a column", LogicalType.UUID);
    assertThat(agreed.and(agreed)).isEqualTo(agreed);
    assertThatThrownBy(() -> agreed.and(agreed(ODD, "a column", LogicalType.TEXT)))
        .hasMessageContaining("as UUID and as TEXT");
  }

  private static AgreedTypes agreed(TableName table, String column, LogicalType type) {
    return new AgreedTypes(new TreeMap<>(Map.of(table, new TreeMap<>(Map.of(column, type)))));
  }
}
