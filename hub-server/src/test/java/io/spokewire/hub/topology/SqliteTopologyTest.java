package io.spokewire.hub.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteTopologyTest {
  private static final SpokeId PORTO = new SpokeId("porto");
  private static final SpokeId LISBON = new SpokeId("lisbon");

  @TempDir Path directory;
  private TopologyDatabase database;
  private SqliteTopology topology;

  @BeforeEach
  void open() {
    database = TopologyDatabase.open(directory.resolve("topology.db"));
    topology = new SqliteTopology(database);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void everythingIsThereAfterARestart() {
    Spoke porto = topology.add(PORTO, Direction.PULL, ChannelId.MAIN);
    topology.add(LISBON, Direction.BOTH, ChannelId.MAIN);
    Spoke changed =
        topology.update(
            PORTO,
            s ->
                new Spoke(
                    s.id(),
                    s.direction(),
                    s.channel(),
                    "postgresql",
                    s.epoch().next(),
                    Spoke.Standing.NEEDS_RESYNC,
                    "went back",
                    true,
                    17,
                    true,
                    3));
    PlanRecord plan = topology.addPlan(new PlanRecord(new PlanVersion(1), "tables: [t]", 5, 6));

    close();
    open();

    assertThat(porto.standing()).isEqualTo(Spoke.Standing.JOINING);
    assertThat(topology.find(PORTO)).contains(changed);
    assertThat(topology.spokes().stream().map(Spoke::id)).containsExactly(LISBON, PORTO);
    assertThat(topology.plan()).contains(plan);
    assertThat(topology.planHistory()).containsExactly(plan);
  }

  @Test
  void aTakenNameAndAnUnknownNameAreRefused() {
    topology.add(PORTO, Direction.BOTH, ChannelId.MAIN);

    assertThatThrownBy(() -> topology.add(PORTO, Direction.PUSH, ChannelId.MAIN))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("the name is taken");
    assertThatThrownBy(() -> topology.update(LISBON, s -> s)).hasMessageContaining("no spoke");
    assertThatThrownBy(() -> topology.remove(LISBON)).hasMessageContaining("no spoke");
    assertThat(topology.find(PORTO).orElseThrow().direction()).isEqualTo(Direction.BOTH);
  }

  @Test
  void aNameThatComesBackStartsANewEpoch() {
    topology.add(PORTO, Direction.BOTH, ChannelId.MAIN);
    topology.remove(PORTO);
    close();
    open();

    Spoke again = topology.add(PORTO, Direction.BOTH, ChannelId.MAIN);

    assertThat(again.epoch()).isEqualTo(Epoch.FIRST.next());
  }

  @Test
  void planVersionsLeaveNoGap() {
    assertThatThrownBy(
            () -> topology.addPlan(new PlanRecord(new PlanVersion(2), "tables: [t]", 5, 6)))
        .isInstanceOf(Fault.class);
    assertThat(topology.plan()).isEmpty();
  }

  @Test
  void aFileOfANewerHubIsRefused() {
    database.transaction(
        "test",
        c -> {
          try (var statement = c.createStatement()) {
            return statement.execute("PRAGMA user_version = 99");
          }
        });
    database.close();

    assertThatThrownBy(() -> TopologyDatabase.open(directory.resolve("topology.db")))
        .hasMessageContaining("newer hub");
    new java.io.File(directory.toFile(), "topology.db").delete();
    open();
  }

  @Test
  void whenTheLogReachedAPositionIsKnownAfterARestart(@TempDir Path elsewhere) {
    Path file = elsewhere.resolve("topology.db");
    try (TopologyDatabase database = TopologyDatabase.open(file)) {
      LogTimes times = new SqliteLogTimes(database);
      times.note(10, 1_000);
      times.note(10, 2_000); // nothing was logged since
      times.note(20, 3_000);
    }
    try (TopologyDatabase database = TopologyDatabase.open(file)) {
      LogTimes times = new SqliteLogTimes(database);
      assertThat(times.loggedBy(10)).hasValue(1_000);
      assertThat(times.loggedBy(11)).hasValue(3_000);
      assertThat(times.loggedBy(21)).isEmpty();
      times.forgetThrough(10);
      assertThat(new SqliteLogTimes(database).loggedBy(1)).hasValue(3_000);
    }
  }
}
