package io.spokewire.hub.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.config.Plan;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.stream.TableReport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleMisfitsTest {
  private static final Plan PLAN =
      new PlanParser()
          .parse(
              "plan",
              """
              tables: [stock]
              conflict_resolution:
                strategies:
                  - name: custom_rules
                    rules:
                      - {field: quantity, strategy: sum}
                      - {field: id, strategy: max}
                      - {field: seen, strategy: max}
              """);

  @Test
  void aColumnThatARuleCannotDecideAboutIsNamedWithItsSpoke() {
    assertThat(
            RuleMisfits.of(
                PLAN,
                Map.of(
                    new SpokeId("porto"), report("stock", LogicalType.FLOAT64, "double precision"),
                    new SpokeId("lisbon"), report("stock", LogicalType.INTEGER, "integer"))))
        .containsExactly(
            "porto: stock.quantity: rule 'sum' does not fit: it adds exact numbers, and this column"
                + " is double precision");
  }

  @Test
  void tablesThatThePlanDoesNotNameAreNotLookedAt() {
    assertThat(RuleMisfits.of(PLAN, report("other", LogicalType.TEXT, "text"))).isEmpty();
  }

  @Test
  void withoutPreviousValuesNothingCanBeAddedUp() {
    TableSchema schema =
        report("stock", LogicalType.INTEGER, "integer").tables().getFirst().schema();
    TableReport without =
        new TableReport(
            1, List.of(new TableDescription(schema, List.of(), List.of(), false, true)), List.of());
    assertThat(RuleMisfits.of(PLAN, without))
        .containsExactly(
            "stock.quantity: rule 'sum' does not fit: it needs previous values in the log (REPLICA"
                + " IDENTITY FULL)");
  }

  @Test
  void ownWritesAreProtectedOnlyWhereARowAndWhatItWasAreKnown() {
    Plan asked =
        new PlanParser()
            .parse(
                "plan",
                """
                tables: [stock]
                conflict_resolution: {tables: {stock: {protect_pending: true}}}
                """);
    TableSchema keyed = report("stock", LogicalType.TEXT, "text").tables().getFirst().schema();
    TableSchema keyless = TableSchema.of(keyed.table(), keyed.columns(), List.of());
    assertThat(RuleMisfits.of(asked, report(keyed, true))).isEmpty();
    assertThat(RuleMisfits.of(asked, report(keyed, false)))
        .containsExactly(
            "stock: 'protect_pending: true' needs previous values in the log (REPLICA IDENTITY"
                + " FULL)");
    assertThat(RuleMisfits.of(asked, report(keyless, true)))
        .containsExactly("stock: 'protect_pending: true' needs a key");
  }

  private static TableReport report(TableSchema schema, boolean beforeImages) {
    return new TableReport(
        1,
        List.of(new TableDescription(schema, List.of(), List.of(), beforeImages, true)),
        List.of());
  }

  private static TableReport report(String table, LogicalType type, String nativeType) {
    TableSchema schema =
        TableSchema.of(
            new TableName(table),
            List.of(
                new Column("id", LogicalType.TEXT, "text", false), // the key: rules pass it by
                new Column("quantity", type, nativeType, true)),
            List.of(0));
    return new TableReport(
        1, List.of(new TableDescription(schema, List.of(), List.of(), true, true)), List.of());
  }
}
