package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.stream.Request;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that no database accepts, because two sites' writes do not go together. */
class UnmergingTest {
  private static final TableSchema SHELF =
      TableSchema.of(
          new TableName("shelf"),
          List.of(
              new Column("id", LogicalType.INTEGER, "bigint", false),
              new Column("low", LogicalType.INTEGER, "bigint", false),
              new Column("high", LogicalType.INTEGER, "bigint", false),
              new Column("stock", LogicalType.INTEGER, "bigint", false)),
          List.of(0));
  private static final List<TableDescription> TABLES =
      List.of(new TableDescription(SHELF, List.of(), List.of(), true, true));

  private final HubHarness hub = new HubHarness();
  private ModelSite lisbon;
  private ModelSite porto;

  @BeforeEach
  void twoSites() {
    hub.planText(
        """
        tables: [shelf]
        conflict_resolution:
          strategies:
            - name: last_write_wins
            - {name: counted, rules: [{field: stock, strategy: sum}]}
          tables:
            shelf: counted
        """,
        new PlanParser());
    lisbon = new ModelSite(hub, LISBON, TABLES);
    porto = new ModelSite(hub, PORTO, TABLES);
    lisbon.insert(SHELF, "1", "1", "9", "5");
    exchange();
  }

  @Test
  void theEarlierOfTwoWritesIsTakenBackWhereTheyBreakACheckTogether() {
    lisbon.update(SHELF, "1", "low", "8");
    porto.update(SHELF, "1", "high", "2");
    refused(lisbon);
    refused(porto);
    exchange();

    assertThat(everywhere()).as("low below high").containsExactly("1|1|2|5");
    assertThat(conflicts())
        .singleElement()
        .satisfies(
            c -> {
              assertThat(c.kind()).isEqualTo(ConflictKind.CHECK_VIOLATION_AFTER_MERGE);
              assertThat(c.field()).isEqualTo("low");
              assertThat(ModelSite.text(c.base())).isEqualTo("8");
              assertThat(ModelSite.text(c.result())).isEqualTo("1");
              assertThat(c.target().spoke()).isEqualTo(LISBON);
            });
  }

  @Test
  void whatOneSiteTookFromACounterIsPutBackWhereBothTookTooMuch() {
    lisbon.update(SHELF, "1", "stock", "2");
    porto.update(SHELF, "1", "stock", "1");
    refused(porto);
    exchange();

    assertThat(everywhere()).as("5 less the 4 of the later").containsExactly("1|1|9|1");
  }

  @Test
  void aRowThatIsNoMergeWaitsWhereItIs() {
    lisbon.update(SHELF, "1", "low", "8");
    int entries = hub.log().size();
    refused(porto);

    assertThat(hub.log()).hasSize(entries);
  }

  private void refused(ModelSite at) {
    hub.reception.take(
        new Request.RowRefused(
            at.agent.session, SHELF.table(), ModelSite.key("1"), hub.store.head().number(), "no"));
    hub.work();
  }

  private List<ConflictRecord> conflicts() {
    return hub.outcomes().stream().flatMap(o -> o.conflicts().stream()).toList();
  }

  private void exchange() {
    for (int i = 0; i < 3; i++) {
      lisbon.receive();
      porto.receive();
    }
  }

  private List<String> everywhere() {
    assertThat(porto.rows(SHELF)).isEqualTo(lisbon.rows(SHELF));
    return lisbon.rows(SHELF);
  }
}
