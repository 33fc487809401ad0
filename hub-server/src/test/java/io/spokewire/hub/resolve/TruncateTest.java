package io.spokewire.hub.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.config.Plan.DeletePolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TRUNCATE at some sites while others write, over many seeds. */
class TruncateTest {
  private static final int SEEDS = 500;

  @ParameterizedTest
  @EnumSource(DeletePolicy.class)
  void sitesAgreeAndKeepExactlyWhatTheTruncatingSiteDidNotKnow(DeletePolicy policy) {
    int truncates = 0;
    int recorded = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      TruncatingSites sites = new TruncatingSites(seed, policy, 0);
      sites.run(150);
      assertThat(sites.converged()).as("seed %s converged", seed).isTrue();
      assertThat(sites.wronglyThereOrGone()).as("seed %s: rows", seed).isEmpty();
      assertThat(sites.lost()).as("seed %s: writes without a trace", seed).isEmpty();
      truncates += sites.truncates;
      recorded += sites.recorded;
    }
    assertThat(truncates).isGreaterThan(SEEDS);
    assertThat(recorded).as("writes that met a TRUNCATE").isGreaterThan(SEEDS);
  }

  @ParameterizedTest
  @EnumSource(DeletePolicy.class)
  void sitesAgreeWhereRowsAreDeletedOneByOneToo(DeletePolicy policy) {
    for (int seed = 0; seed < SEEDS; seed++) {
      TruncatingSites sites = new TruncatingSites(seed, policy, .2);
      sites.run(150);
      assertThat(sites.converged()).as("seed %s converged", seed).isTrue();
      assertThat(sites.lost()).as("seed %s: writes without a trace", seed).isEmpty();
    }
  }
}
