package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.testing.Samples;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Spoke.Standing;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables that a plan brings into scope while spokes are live start equal everywhere. */
class AddedTablesTest {
  private final HubHarness hub = new HubHarness();

  @BeforeEach
  void twoLiveSpokesUnderAPlanWithoutOrders() {
    hub.plan("customers");
    hub.live(LISBON);
    hub.live(PORTO);
  }

  @Test
  void aTableThatIsEmptyEverywhereMayBeAdded() {
    assertThat(apply(false, Map.of(LISBON, orders(true), PORTO, orders(true)))).isCompleted();
    assertThat(hub.planVersion()).isEqualTo(2);
  }

  @Test
  void aTableWithRowsSomewhereIsRefusedByNameOfTableAndSpoke() {
    CompletableFuture<PlanRecord> answer =
        apply(false, Map.of(LISBON, orders(true), PORTO, orders(false)));
    assertThat(answer)
        .isCompletedExceptionally()
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(Fault.class)
        .withMessageContaining("orders: has rows at porto")
        .withMessageContaining("--assume-identical");
    assertThat(hub.planVersion()).isEqualTo(1);
  }

  @Test
  void aSpokeThatIsOfflineCanNotBeAskedAndSoRefusesToo() {
    CompletableFuture<PlanRecord> answer = apply(false, Map.of(LISBON, orders(true)));
    assertThat(answer)
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .withMessageContaining("porto: is offline");
  }

  @Test
  void withTheOperatorsWordItIsAddedAndLaterEmptySpokesDoNotBeginWithoutItsRows() {
    assertThat(apply(true, Map.of(LISBON, orders(false), PORTO, orders(false)))).isCompleted();
    FakeAgent faro = hub.spoke(new SpokeId("faro"), Direction.BOTH).attach(true);
    assertThat(spoke("faro").standing()).isEqualTo(Standing.JOINING);
    assertThat(faro.session.flows.getLast().reason()).contains("another spoke had rows");
  }

  @Test
  void theWordIsNotAboutTablesThatAreInTheRunningPlanAlready() {
    apply(false, Map.of(LISBON, orders(true), PORTO, orders(true)));
    FakeAgent faro = hub.spoke(new SpokeId("faro"), Direction.BOTH).attach(false);
    assertThat(spoke("faro").standing()).isEqualTo(Standing.JOINING);

    Map<SpokeId, TableReport> reports =
        Map.of(LISBON, orders(true), PORTO, orders(true), new SpokeId("faro"), orders(false));
    assertThat(hub.apply("orders", true, reports)).isCompleted();
    faro.report(false);

    assertThat(spoke("faro").standing()).isEqualTo(Standing.JOINING);
  }

  @Test
  void asLongAsNobodyIsLiveTheWordIsAboutAllTables() {
    HubHarness fresh = new HubHarness();
    fresh.plan("orders");
    FakeAgent lisbon = fresh.spoke(LISBON, Direction.BOTH).attach(false);
    FakeAgent porto = fresh.spoke(PORTO, Direction.BOTH).attach(false);
    assertThat(fresh.apply("orders", true, Map.of(LISBON, orders(false), PORTO, orders(false))))
        .isCompleted();
    lisbon.report(false);
    porto.report(false);
    assertThat(fresh.topology.spokes()).allMatch(s -> s.standing() == Standing.LIVE);
  }

  private CompletableFuture<PlanRecord> apply(boolean assume, Map<SpokeId, TableReport> reports) {
    return hub.apply("orders", assume, reports);
  }

  private static TableReport orders(boolean empty) {
    return new TableReport(
        0,
        List.of(new TableDescription(Samples.ORDERS, List.of(), List.of(), true, empty)),
        List.of());
  }

  private Spoke spoke(String name) {
    return hub.topology.find(new SpokeId(name)).orElseThrow();
  }
}
