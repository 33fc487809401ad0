package io.spokewire.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class YamlDocumentTest {
  private enum Colour {
    RED,
    DARK_BLUE
  }

  @Test
  void valuesOfEveryTypeAreRead() {
    YamlDocument document =
        YamlDocument.parse(
            "a.yaml",
            """
            name: porto
            address: 127.0.0.1:7400
            count: 10_000
            on: true
            span: 5_minutes
            size: 64MB
            colour: dark_blue
            list: [a, 'b', 3]
            below:
              key: value
            items:
              - x: 1
              - x: 2
            empty:
            """);
    YamlMap root = document.root();

    assertThat(root.requiredText("name")).isEqualTo("porto");
    assertThat(root.text("address")).contains("127.0.0.1:7400");
    assertThat(root.integer("count", 1, 1, 100_000)).isEqualTo(10_000);
    assertThat(root.flag("on", false)).isTrue();
    assertThat(root.duration("span", Duration.ZERO, Duration.ZERO, Duration.ofDays(1)))
        .isEqualTo(Duration.ofMinutes(5));
    assertThat(root.bytes("size", 0, 0, Long.MAX_VALUE)).isEqualTo(64L << 20);
    assertThat(root.choice("colour", Colour.RED)).isEqualTo(Colour.DARK_BLUE);
    assertThat(root.texts("list").stream().map(YamlText::text)).containsExactly("a", "b", "3");
    assertThat(root.map("below").text("key", "")).isEqualTo("value");
    assertThat(root.maps("items").stream().map(m -> m.integer("x", 0, 0, 9)))
        .containsExactly(1L, 2L);
    assertThat(root.text("empty", "otherwise")).isEqualTo("otherwise");
    document.check();
  }

  @Test
  void allFaultsAreReportedTogetherEachWithItsLineAndHint() {
    YamlDocument document =
        YamlDocument.parse(
            "hub.yaml",
            """
            nmae: lisbon
            port: seventy
            port: 80
            retention:
              kep: 7d
              keep: 7
            flag: maybe
            colour: grene
            list: one
            """);
    YamlMap root = document.root();
    root.requiredText("name");
    root.integer("port", 1, 1, 2);
    root.map("retention").duration("keep", Duration.ZERO, Duration.ZERO, Duration.ofDays(1));
    root.flag("flag", true);
    root.choice("colour", Colour.RED);
    root.texts("list");

    Fault fault = catchThrowableOfType(Fault.class, document::check);

    assertThat(fault.kind()).isEqualTo(FaultKind.USAGE);
    assertThat(fault.reason().lines())
        .containsExactly(
            "9 faults",
            "hub.yaml:1: 'name' is missing (add `name:`)",
            "hub.yaml:1: unknown key 'nmae' (did you mean 'name'?)",
            "hub.yaml:2: 'port' is 'seventy', not a whole number (write a whole number)",
            "hub.yaml:3: key 'port' stands twice (the first is in line 2)",
            "hub.yaml:5: unknown key 'retention.kep' (did you mean 'keep'?)",
            "hub.yaml:6: 'retention.keep' is '7', not a time span such as 10s or 30d"
                + " (write a time span such as 10s or 30d)",
            "hub.yaml:7: 'flag' is 'maybe', not true or false (write true or false)",
            "hub.yaml:8: 'colour' is 'grene' (use one of red, dark_blue)",
            "hub.yaml:9: 'list' is 'one', not a list (write a list)");
  }

  @Test
  void aMapThatNobodyLooksIntoIsNotIgnored() {
    YamlDocument document = YamlDocument.parse("a.yaml", "below:\n  key: 1\n");
    document.root().map("below");

    assertThat(document.faults())
        .singleElement()
        .satisfies(fault -> assertThat(fault.line()).isEqualTo(2));
  }

  @Test
  void aNumberOutOfRangeNamesTheRange() {
    YamlDocument document = YamlDocument.parse("a.yaml", "port: 70000\n");
    document.root().integer("port", 0, 0, 65535);

    assertThat(document.faults().getFirst().toString())
        .isEqualTo("a.yaml:1: 'port' is 70000 (use 0 to 65535)");
  }

  @Test
  void aWordThatYamlTakesForABooleanIsNotTakenForText() {
    YamlDocument document = YamlDocument.parse("a.yaml", "name: no\n");
    document.root().requiredText("name");

    assertThat(document.faults())
        .singleElement()
        .satisfies(fault -> assertThat(fault.hint()).contains("quote it"));
  }

  @Test
  void brokenYamlIsAFaultWithItsLine() {
    assertThatThrownBy(() -> YamlDocument.parse("a.yaml", "a: 1\nb: [1, 2\nc: 3\n"))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("a.yaml:3: not valid YAML");
    assertThatThrownBy(() -> YamlDocument.parse("a.yaml", "a: 1\n\tb: 2\n"))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("a.yaml:2: not valid YAML");
  }

  @Test
  void anEmptyFileIsAnEmptyMapAndAListIsAFault() {
    YamlDocument empty = YamlDocument.parse("a.yaml", "# nothing\n");
    assertThat(empty.root().text("x", "y")).isEqualTo("y");
    empty.check();

    assertThatThrownBy(() -> YamlDocument.parse("a.yaml", "- 1\n").check())
        .hasMessageContaining("a.yaml:1: the file is not a map of settings");
  }

  @Test
  void theNearestNameIsFoundOnlyWhenItIsNear() {
    assertThat(NearestName.of("tabels", List.of("tables", "channels"))).contains("tables");
    assertThat(NearestName.of("last_wins", List.of("merge", "last_write_wins"))).isEmpty();
    assertThat(NearestName.of("lst_write_wins", List.of("merge", "last_write_wins")))
        .contains("last_write_wins");
    assertThat(NearestName.of("xyz", List.of("tables", "channels"))).isEmpty();
  }
}
