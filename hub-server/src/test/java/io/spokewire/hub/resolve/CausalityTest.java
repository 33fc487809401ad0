package io.spokewire.hub.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.hub.resolve.CausalitySimulation.Mutant;
import io.spokewire.hub.resolve.CausalitySimulation.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The algorithm against an oracle that knows the true causal history, over many seeds. */
class CausalityTest {
  private static final int SEEDS = 400;
  private static final Settings HOT = new Settings(3, 2, 120, DeletePolicy.DELETE_WINS, 0, .12);
  private static final Settings OWN_ROWS =
      new Settings(3, 9, 200, DeletePolicy.DELETE_WINS, .97, .12);
  private static final Settings WITHOUT_DELETES =
      new Settings(3, 2, 120, DeletePolicy.DELETE_WINS, 0, 0);

  @ParameterizedTest
  @EnumSource(DeletePolicy.class)
  void sitesConvergeAndExactlyTheConcurrentWritesAreFound(DeletePolicy policy) {
    Tally tally = run(SEEDS, new Settings(3, 2, 120, policy, 0, .12), Mutant.NONE);
    assertThat(tally.firstDiverged).as("first seed that diverged").isEqualTo(-1);
    assertThat(tally.missed).as("conflicts missed").isZero();
    assertThat(tally.wrongSums).as("sums not exact").isZero();
    assertThat(tally.flagged).as("writes that met a live sibling").isGreaterThan(SEEDS * 10);
    assertThat(tally.falsePositives)
        .as("over-cautious findings among %s", tally.flagged)
        .isLessThan(tally.flagged / 200);
    assertThat(tally.restarts).as("hub restarts on the way").isGreaterThan(SEEDS / 2);
    assertThat(tally.settledOtherwise).as("records that the same rules settle otherwise").isZero();
  }

  @Test
  void fiveSitesConvergeUnderUpdateWins() {
    Tally tally =
        run(SEEDS / 4, new Settings(5, 2, 200, DeletePolicy.UPDATE_WINS, 0, .12), Mutant.NONE);
    assertThat(tally.firstDiverged).isEqualTo(-1);
    assertThat(tally.missed).isZero();
    assertThat(tally.wrongSums).isZero();
  }

  @Test
  void rowsLeaveAndReenterTheWindowWhenSitesKeepToTheirOwn() {
    Tally tally =
        run(SEEDS / 2, new Settings(3, 9, 300, DeletePolicy.DELETE_WINS, .97, .12), Mutant.NONE);
    assertThat(tally.firstDiverged).isEqualTo(-1);
    assertThat(tally.missed).isZero();
    assertThat(tally.wrongSums).isZero();
    assertThat(tally.rowsTakenBack).as("rows that were cold when needed").isGreaterThan(SEEDS * 10);
  }

  @Test
  void hotRowsConvergeOverLongRunsInWhichTheFrontierPassesThem() {
    Tally tally =
        run(SEEDS / 32, new Settings(3, 3, 3000, DeletePolicy.DELETE_WINS, .6, .12), Mutant.NONE);
    assertThat(tally.firstDiverged).isEqualTo(-1);
    assertThat(tally.missed).isZero();
    assertThat(tally.wrongSums).isZero();
  }

  @Test
  void applyMayRunOutOfOrderAcrossRows() {
    Tally tally =
        run(
            SEEDS,
            new Settings(3, 2, 120, DeletePolicy.DELETE_WINS, 0, .12, true, false, false),
            Mutant.NONE);
    assertThat(tally.firstDiverged).isEqualTo(-1);
    assertThat(tally.missed).isZero();
    assertThat(tally.wrongSums).isZero();
  }

  @Test
  void everyWriteEndsInTheFinalValueOrInTheAudit() {
    Tally tally = run(SEEDS, WITHOUT_DELETES, Mutant.NONE);
    assertThat(tally.firstDiverged).isEqualTo(-1);
    assertThat(tally.lost).isZero();
  }

  @ParameterizedTest
  @EnumSource(DeletePolicy.class)
  void protectedSitesConvergeFindTheConcurrentWritesAndKeepTheirOwn(DeletePolicy policy) {
    Settings settings = new Settings(3, 2, 120, policy, 0, .12);
    Tally tally = run(SEEDS, settings.protecting(), Mutant.NONE);
    assertThat(tally.firstDiverged).as("first seed that diverged").isEqualTo(-1);
    assertThat(tally.missed).as("conflicts missed").isZero();
    assertThat(tally.wrongSums).as("sums not exact").isZero();
    assertThat(tally.pendingOverwritten).as("pending fields overwritten").isZero();
    assertThat(tally.flagged).as("writes that met a live sibling").isGreaterThan(SEEDS * 10);
    assertThat(tally.falsePositives)
        .as("over-cautious findings among %s", tally.flagged)
        .isLessThan(tally.flagged / 200);
    assertThat(run(SEEDS / 10, settings, Mutant.NONE).pendingOverwritten)
        .as("pending fields overwritten at sites that are not protected")
        .isPositive();
  }

  @Test
  void protectedSitesKeepEveryWriteInTheFinalValueOrInTheAudit() {
    Tally tally = run(SEEDS, WITHOUT_DELETES.protecting(), Mutant.NONE);
    assertThat(tally.firstDiverged).isEqualTo(-1);
    assertThat(tally.missed).isZero();
    assertThat(tally.lost).isZero();
    assertThat(tally.pendingOverwritten).isZero();
  }

  @Test
  void protectedRowsThatStayHotOutliveTheFrontier() {
    Settings settings = new Settings(3, 3, 3000, DeletePolicy.DELETE_WINS, .6, .12);
    Tally tally = run(SEEDS / 160, settings.protecting(), Mutant.NONE);
    assertThat(tally.firstDiverged).isEqualTo(-1);
    assertThat(tally.missed).isZero();
    assertThat(tally.wrongSums).isZero();
    assertThat(tally.pendingOverwritten).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Mutant.class,
      names = {"NO_EXCEPTIONS", "FRONTIER_IGNORES_EXCEPTIONS"})
  void everyMutantOfProtectionIsCaught(Mutant mutant) {
    assertThat(run(SEEDS, HOT.protecting(), mutant).missed).as("conflicts missed").isPositive();
  }

  @ParameterizedTest
  @EnumSource(
      value = Mutant.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "NONE",
        "NO_EXCEPTIONS",
        "FRONTIER_IGNORES_EXCEPTIONS",
        "OWN_NOT_SENT_AGAIN",
        "OWN_SENT_AGAIN_IN_PART",
        "SAME_EPOCH"
      })
  void everyMutantIsCaught(Mutant mutant) {
    Tally tally = run(SEEDS / 2, HOT, mutant);
    switch (mutant) {
      case NEVER_ECHO, CONFLICT_ONLY ->
          assertThat(tally.diverged).as("runs that diverged").isPositive();
      case WINNER_ONLY, GC_BY_ACK, CTX_MAX ->
          assertThat(tally.missed).as("conflicts missed").isPositive();
      case OWN_SIBLINGS_DROPPED -> {
        assertThat(tally.missed).as("conflicts missed").isPositive();
        assertThat(run(SEEDS / 2, WITHOUT_DELETES, mutant).lost)
            .as("writes lost from the lineage")
            .isPositive();
      }
      case NO_DEDUP -> assertThat(tally.wrongSums + tally.falsePositives).isPositive();
      default -> throw new AssertionError("not a mutant here");
    }
  }

  @ParameterizedTest
  @EnumSource(DeletePolicy.class)
  void restoredSitesCatchUpAndEveryConcurrentWriteIsFound(DeletePolicy policy) {
    Tally tally = run(SEEDS, new Settings(3, 2, 200, policy, 0, .12).restoring(), Mutant.NONE);
    assertThat(tally.firstDiverged).as("first seed that diverged").isEqualTo(-1);
    assertThat(tally.missed).as("conflicts missed").isZero();
    assertThat(tally.wrongSums).as("sums not exact").isZero();
    assertThat(tally.restores).as("restores").isGreaterThan(SEEDS);
    assertThat(tally.unsettledRestores)
        .as("restores of databases with writes that the hub took later")
        .isGreaterThan(SEEDS / 10);
    assertThat(tally.falsePositives)
        .as("over-cautious findings among %s", tally.flagged)
        .isLessThan(tally.flagged / 20);
  }

  @Test
  void restoredSitesThatKeepToTheirOwnRowsCatchUp() {
    Tally tally = run(SEEDS, OWN_ROWS.restoring(), Mutant.NONE);
    assertThat(tally.firstDiverged).as("first seed that diverged").isEqualTo(-1);
    assertThat(tally.missed).as("conflicts missed").isZero();
    assertThat(tally.wrongSums).as("sums not exact").isZero();
  }

  @Test
  void whatTheHubHadBeforeARestoreIsNotLost() {
    Tally tally = run(SEEDS, WITHOUT_DELETES.restoring(), Mutant.NONE);
    assertThat(tally.firstDiverged).isEqualTo(-1);
    assertThat(tally.missed).isZero();
    assertThat(tally.wrongSums).isZero();
    assertThat(tally.lost).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Mutant.class,
      names = {"OWN_NOT_SENT_AGAIN", "OWN_SENT_AGAIN_IN_PART", "SAME_EPOCH"})
  void everyMutantOfRestoresIsCaught(Mutant mutant) {
    Tally tally = run(SEEDS, OWN_ROWS.restoring(), mutant);
    tally.addAll(run(SEEDS, HOT.restoring(), mutant));
    if (mutant == Mutant.SAME_EPOCH) {
      assertThat(tally.missed).as("conflicts missed").isPositive();
    } else {
      assertThat(tally.diverged).as("runs that diverged").isPositive();
    }
  }

  private static Tally run(int seeds, Settings settings, Mutant mutant) {
    Tally tally = new Tally();
    for (int seed = 0; seed < seeds; seed++) {
      CausalitySimulation simulation = new CausalitySimulation(seed, settings, mutant);
      simulation.run();
      tally.add(seed, simulation);
    }
    return tally;
  }

  private static final class Tally {
    int diverged;
    int firstDiverged = -1;
    long missed;
    long falsePositives;
    long flagged;
    long wrongSums;
    long lost;
    long restarts;
    long restores;
    long unsettledRestores;
    long rowsTakenBack;
    long settledOtherwise;
    long pendingOverwritten;

    void addAll(Tally other) {
      diverged += other.diverged;
      missed += other.missed;
    }

    void add(int seed, CausalitySimulation simulation) {
      if (!simulation.converged()) {
        diverged++;
        firstDiverged = firstDiverged < 0 ? seed : firstDiverged;
      }
      missed += simulation.missed;
      falsePositives += simulation.falsePositives;
      flagged += simulation.flagged;
      wrongSums += simulation.wrongSums();
      lost += simulation.lost();
      restarts += simulation.restarts;
      restores += simulation.restores;
      unsettledRestores += simulation.unsettledRestores;
      pendingOverwritten += simulation.pendingOverwritten;
      rowsTakenBack += simulation.rowsTakenBack();
      settledOtherwise += simulation.settledOtherwise;
    }
  }
}
