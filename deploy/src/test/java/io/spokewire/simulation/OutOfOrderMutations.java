package io.spokewire.simulation;

import io.spokewire.agent.apply.Applier;
import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One entry of a batch is applied a little later than the others, and the marker names them all.
 */
final class OutOfOrderMutations extends Mutations {
  @Override
  Applier applier(Site site, SimulatedApplier honest) {
    return new Late(site, honest);
  }

  private static final class Late implements Applier {
    private final Site site;
    private final SimulatedApplier honest;
    private final List<RowChange> owed = new ArrayList<>();
    private long owedAt;

    Late(Site site, SimulatedApplier honest) {
      this.site = site;
      this.honest = honest;
    }

    @Override
    public Optional<Position> checkpoint() {
      return honest.checkpoint();
    }

    @Override
    public ApplyResult apply(ApplyBatch batch) {
      payUp();
      List<ApplyBatch.Entry> entries = batch.entries();
      if (entries.isEmpty()) {
        return honest.apply(batch);
      }
      ApplyBatch.Entry late = entries.get(site.world().random.nextInt(entries.size()));
      ApplyResult result = honest.apply(batch, at -> at != late.position().number());
      owedAt = late.position().number();
      for (RowBlock block : late.rows()) {
        block.forEach(owed::add);
      }
      return result;
    }

    private void payUp() {
      if (!owed.isEmpty()) {
        honest.applyLate(owedAt, List.copyOf(owed));
        owed.clear();
      }
    }

    @Override
    public long retryParked(Sequence answered) {
      payUp();
      return honest.retryParked(answered);
    }

    @Override
    public Optional<Sequence> oldestSuspect() {
      return honest.oldestSuspect();
    }

    @Override
    public void close() {}
  }
}
