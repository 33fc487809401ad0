package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Spoke.Standing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Columns of different types at different spokes, as the hub treats them. */
class TypesTogetherTest {
  private static final TableName ORDERS = new TableName("orders");
  private static final SpokeId FARO = new SpokeId("faro");

  private final HubHarness hub = new HubHarness();

  @Test
  void spokesOfOneEngineAreToldNothing() {
    hub.plan("orders");
    FakeAgent lisbon = postgres(LISBON, "boolean", LogicalType.BOOLEAN);
    FakeAgent porto = postgres(PORTO, "boolean", LogicalType.BOOLEAN);

    assertThat(standing(LISBON)).isEqualTo(Standing.LIVE);
    assertThat(standing(PORTO)).isEqualTo(Standing.LIVE);
    assertThat(lisbon.session.plans).isEmpty();
    assertThat(porto.session.plans).isEmpty();
    assertThat(porto.agreedTypes()).isEqualTo(AgreedTypes.NONE);
  }

  @Test
  void whoComesLaterTakesWhatTheOthersAgreedOnBeforeItIsLive() {
    hub.plan("orders");
    postgres(LISBON, "boolean", LogicalType.BOOLEAN);
    FakeAgent porto = mySql(PORTO, "tinyint(1)", LogicalType.INTEGER);

    assertThat(standing(PORTO)).isEqualTo(Standing.JOINING);
    assertThat(spoke(PORTO).reason()).contains("types that the others agreed on");
    assertThat(porto.agreedTypes()).isEqualTo(agreed(LogicalType.BOOLEAN));
    porto.report(true);
    assertThat(standing(PORTO)).isEqualTo(Standing.LIVE);
    assertThat(porto.session.plans).hasSize(1);
  }

  @Test
  void theFirstToBeLiveDecides() {
    hub.plan("orders");
    mySql(PORTO, "tinyint(1)", LogicalType.INTEGER);
    FakeAgent lisbon = postgres(LISBON, "boolean", LogicalType.BOOLEAN);

    assertThat(standing(PORTO)).isEqualTo(Standing.LIVE);
    assertThat(lisbon.agreedTypes()).isEqualTo(agreed(LogicalType.INTEGER));
  }

  @Test
  void whatIsAgreedOutlivesTheHubAndItsAgents() {
    hub.plan("orders");
    postgres(LISBON, "boolean", LogicalType.BOOLEAN);
    FakeAgent porto = mySql(PORTO, "tinyint(1)", LogicalType.INTEGER);
    porto.report(true);
    hub.start();
    hub.work();

    assertThat(porto.hello().agreedTypes()).isEqualTo(agreed(LogicalType.BOOLEAN));
    // Lisbon is away, and yet Faro is compared with it.
    mySql(FARO, "int", LogicalType.INTEGER);
    assertThat(standing(FARO)).isEqualTo(Standing.JOINING);
    assertThat(spoke(FARO).reason()).contains("boolean at lisbon");
  }

  @Test
  void aSpokeWhoseColumnDoesNotFitWaitsAndTheOthersGoOn() {
    hub.plan("orders");
    postgres(LISBON, "numeric(10,2)", LogicalType.DECIMAL);
    FakeAgent porto = mySql(PORTO, "decimal(10,1)", LogicalType.DECIMAL);
    mySql(FARO, "decimal(10,2)", LogicalType.DECIMAL);

    assertThat(standing(FARO)).isEqualTo(Standing.LIVE);
    assertThat(standing(PORTO)).isEqualTo(Standing.JOINING);
    assertThat(spoke(PORTO).reason())
        .contains("orders.active is decimal(10,1) at porto and numeric(10,2) at lisbon")
        .contains("ALTER TABLE orders MODIFY active decimal(10,2)");

    porto.tables(List.of(orders("decimal(10,2)", LogicalType.DECIMAL)));
    porto.report(true);
    assertThat(standing(PORTO)).isEqualTo(Standing.LIVE);
  }

  @Test
  void aPlanThatAddsATableWhoseTypesDoNotGoTogetherAtMembersIsRefused() {
    hub.plan("customers");
    hub.spoke(LISBON, Direction.BOTH).attach(true);
    hub.spoke(PORTO, Direction.BOTH).engine("mysql").attach(true);

    assertThat(
            hub.apply(
                "orders",
                false,
                Map.of(
                    LISBON, report("integer", LogicalType.INTEGER),
                    PORTO, report("bigint", LogicalType.INTEGER))))
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(Fault.class)
        .withMessageContaining("porto: orders.active is bigint at porto and integer at lisbon")
        .withMessageContaining("at porto: ALTER TABLE orders MODIFY active int");
    assertThat(hub.planVersion()).isEqualTo(1);
  }

  @Test
  void aPlanThatAddsATableTellsItsTypesAtOnce() {
    hub.plan("customers");
    FakeAgent lisbon = hub.spoke(LISBON, Direction.BOTH).attach(true);
    FakeAgent porto = hub.spoke(PORTO, Direction.BOTH).engine("mysql").attach(true);

    assertThat(
            hub.apply(
                "orders",
                false,
                Map.of(
                    LISBON, report("boolean", LogicalType.BOOLEAN),
                    PORTO, report("tinyint(1)", LogicalType.INTEGER))))
        .isCompleted();

    assertThat(lisbon.agreedTypes()).isEqualTo(AgreedTypes.NONE);
    assertThat(porto.session.plans).hasSize(1);
    assertThat(porto.agreedTypes()).isEqualTo(agreed(LogicalType.BOOLEAN));
  }

  @Test
  void aMemberThatChangedItsTypeSinceStaysLiveAndIsShown() {
    hub.plan("orders");
    postgres(LISBON, "integer", LogicalType.INTEGER);
    FakeAgent porto = mySql(PORTO, "int", LogicalType.INTEGER);
    porto.tables(List.of(orders("bigint", LogicalType.INTEGER)));
    porto.report(true);

    assertThat(standing(PORTO)).isEqualTo(Standing.LIVE);
    assertThat(hub.board.of(PORTO).tableProblems())
        .anyMatch(line -> line.contains("bigint at porto and integer at lisbon"));
  }

  private FakeAgent postgres(SpokeId id, String type, LogicalType own) {
    return join(id, "postgresql", type, own);
  }

  private FakeAgent mySql(SpokeId id, String type, LogicalType own) {
    return join(id, "mysql", type, own);
  }

  private FakeAgent join(SpokeId id, String engine, String type, LogicalType own) {
    FakeAgent agent = hub.spoke(id, Direction.BOTH).engine(engine);
    agent.tables(List.of(orders(type, own)));
    return agent.attach(true);
  }

  private static TableReport report(String type, LogicalType own) {
    return new TableReport(0, List.of(orders(type, own)), List.of());
  }

  private static TableDescription orders(String type, LogicalType own) {
    return new TableDescription(
        TableSchema.of(
            ORDERS,
            List.of(
                new Column("id", LogicalType.INTEGER, "bigint", false),
                new Column("active", own, type, true)),
            List.of(0)),
        List.of(),
        List.of(),
        true,
        true);
  }

  private static AgreedTypes agreed(LogicalType type) {
    return new AgreedTypes(new TreeMap<>(Map.of(ORDERS, new TreeMap<>(Map.of("active", type)))));
  }

  private Standing standing(SpokeId id) {
    return spoke(id).standing();
  }

  private Spoke spoke(SpokeId id) {
    return hub.topology.find(id).orElseThrow();
  }
}
