package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.capture.polling.PollCapture;
import io.spokewire.agent.capture.polling.SiteCopy;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.util.Optional;
import java.util.function.Supplier;

/** Capture by polling: the database keeps nothing for us, and knows nothing of us. */
public final class PollSite implements CaptureSite {
  private final SiteCopy copy;
  private final Supplier<ChangeSource.Factory> sources;

  /**
   * @param sources makes a factory for the tables that are in use when it is asked
   */
  public PollSite(SiteCopy copy, Supplier<ChangeSource.Factory> sources) {
    this.copy = copy;
    this.sources = sources;
  }

  @Override
  public ChangeSource.Factory sources() {
    return sources.get();
  }

  @Override
  public SourcePosition confirmed() {
    return PollCapture.position(copy.confirmed());
  }

  @Override
  public Optional<Position> applied() {
    return Optional.empty();
  }

  @Override
  public Optional<SourcePosition> find(Position applied) {
    return Optional.empty();
  }

  @Override
  public Retention retention() {
    return new Retention(0, Retention.UNLIMITED, true);
  }

  @Override
  public void demandWhole() {}

  @Override
  public void giveUp() {}
}
