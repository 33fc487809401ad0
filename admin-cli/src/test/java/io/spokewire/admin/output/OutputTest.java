package io.spokewire.admin.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class OutputTest {
  @Test
  void aTableIsDrawnAsWideAsItsCells() {
    String table = new Table("Table", "Lag").row("users", "2s").row("events", "2m 30s").render();
    assertThat(table)
        .isEqualTo(
            """
            ┌────────┬────────┐
            │ Table  │ Lag    │
            ├────────┼────────┤
            │ users  │ 2s     │
            │ events │ 2m 30s │
            └────────┴────────┘
            """);
  }

  @Test
  void wideCharactersTakeTwoColumnsAndCombiningOnesNone() {
    String table = new Table("Name").row("東京").row("e\u0301t\u00e9").row("✓ ok").row("🚀").render();
    assertThat(table)
        .isEqualTo(
            """
            ┌──────┐
            │ Name │
            ├──────┤
            │ 東京 │
            │ e\u0301té  │
            │ ✓ ok │
            │ 🚀   │
            └──────┘
            """);
  }

  @Test
  void dataCanNotSteerTheTerminal() {
    assertThat(new Table("v").row("a\nb\u001b[31mred\u202e").render())
        .contains("a\\nb\\u001b[31mred\\u202e")
        .doesNotContain("\u001b");
  }

  @Test
  void aVeryLongCellIsCut() {
    assertThat(new Table("v").row("x".repeat(500)).render().lines().toList().get(3))
        .isEqualTo("│ " + "x".repeat(59) + "… │");
  }

  @Test
  void numbersReadAsOnTheDashboard() {
    assertThat(Human.count(0)).isEqualTo("0");
    assertThat(Human.count(999)).isEqualTo("999");
    assertThat(Human.count(50_000)).isEqualTo("50K");
    assertThat(Human.count(1_234)).isEqualTo("1.2K");
    assertThat(Human.count(999_999)).isEqualTo("999.9K");
    assertThat(Human.count(1_200_000)).isEqualTo("1.2M");
    assertThat(Human.count(45_200_000)).isEqualTo("45.2M");
    assertThat(Human.grouped(5_230.4)).isEqualTo("5,230");
    assertThat(Human.lag(0)).isEqualTo("0s");
    assertThat(Human.lag(400_000)).isEqualTo("<1s");
    assertThat(Human.lag(5_000_000)).isEqualTo("5s");
    assertThat(Human.lag(150_000_000)).isEqualTo("2m 30s");
    assertThat(Human.lag(120_000_000)).isEqualTo("2m");
    assertThat(Human.lag(11_100_000_000L)).isEqualTo("3h 5m");
    assertThat(Human.lag(187_200_000_000L)).isEqualTo("2d 4h");
    assertThat(Human.bytes(512)).isEqualTo("512 B");
    assertThat(Human.bytes(16L << 20)).isEqualTo("16 MB");
    assertThat(Human.time(1_705_314_600_000_001L)).isEqualTo("2024-01-15 10:30:00 UTC");
    assertThat(Human.iso(1_705_314_600_000_001L)).isEqualTo("2024-01-15T10:30:00.000001Z");
  }

  @Test
  void jsonKeepsEveryDigit() {
    assertThat(Json.compact(Json.parse("12345678901234567890.10").orElseThrow()))
        .isEqualTo("12345678901234567890.10");
    assertThat(Json.parse("NaN")).isEmpty();
    assertThat(Json.parse("12 13")).isEmpty();
    assertThat(Json.parse("")).isEmpty();
    assertThat(Json.pretty(Json.array())).isEqualTo("[]\n");
    assertThat(Json.compact(Json.numbers(Map.of("main", 12L)))).isEqualTo("{\"main\":12}");
    assertThat(Json.seconds(2_500_000).toPlainString()).isEqualTo("2.5");
    assertThat(Json.seconds(100_000_000).toPlainString()).isEqualTo("100");
    assertThat(Json.seconds(0).toPlainString()).isEqualTo("0");
  }

  @Test
  void csvQuotesWhatNeedsIt() {
    assertThat(new Csv("a", "b").row("x,y", "say \"hi\"\nthere").render())
        .isEqualTo("a,b\n\"x,y\",\"say \"\"hi\"\"\nthere\"\n");
  }
}
