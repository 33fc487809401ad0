package io.spokewire.agent.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.schema.TableProblem.Severity;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.id.TableName;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TableScopeTest {
  private static final LocalName ORDERS = new LocalName("app", "orders");
  private static final LocalName SALES = new LocalName("sales", "orders");

  @Test
  void meansTheDefaultSchemaByAPatternWithoutOne() {
    assertThat(scope("orders").nameOf(ORDERS)).contains(new TableName("orders"));
    assertThat(scope("orders").nameOf(SALES)).isEmpty();
    assertThat(scope("ord*").nameOf(ORDERS)).contains(new TableName("orders"));
    assertThat(scope("Orders", "order").nameOf(ORDERS)).isEmpty();
  }

  @Test
  void takesAPatternWithASchemaLiterally() {
    assertThat(scope("sales.*").nameOf(SALES)).contains(new TableName("sales.orders"));
    assertThat(scope("app.orders").nameOf(ORDERS)).contains(new TableName("app.orders"));
    assertThat(scope("a.*").nameOf(new LocalName("ab", "x"))).isEmpty();
  }

  @Test
  void takesQuotedPartsAsTheyStand() {
    LocalName odd = new LocalName("app", "we.ird*\"$");
    assertThat(scope("\"we.ird*\"\"$\"").nameOf(odd)).contains(new TableName("we.ird*\"$"));
    assertThat(scope("app.\"we.ird*\"\"$\"").nameOf(odd)).contains(new TableName("app.we.ird*\"$"));
    assertThat(scope("\"we*\"").nameOf(odd)).isEmpty();
  }

  @Test
  void refusesATableThatIsNamedTwice() {
    TableScope.Resolution resolution =
        scope("orders", "app.orders", "sales.*").resolve(List.of(ORDERS, SALES));
    assertThat(resolution.tables()).containsOnlyKeys(new TableName("sales.orders"));
    assertThat(resolution.problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.severity()).isEqualTo(Severity.REFUSED);
              assertThat(problem.reason()).contains("twice");
            });
  }

  @Test
  void refusesTwoTablesOfOneName() {
    LocalName dotted = new LocalName("app", "sales.orders");
    TableScope.Resolution resolution = scope("*", "sales.*").resolve(List.of(dotted, SALES));
    assertThat(resolution.problems())
        .extracting(TableProblem::severity)
        .containsExactly(Severity.REFUSED);
  }

  @Test
  void warnsOfAPatternThatMatchesNothing() {
    assertThat(scope("orders", "items").resolve(List.of(ORDERS)).problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.severity()).isEqualTo(Severity.WARNING);
              assertThat(problem.place()).isEqualTo("items");
            });
  }

  private static TableScope scope(String... patterns) {
    return new TableScope(Stream.of(patterns).map(TablePattern::new).toList(), "app");
  }
}
