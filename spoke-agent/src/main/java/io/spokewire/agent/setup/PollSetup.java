package io.spokewire.agent.setup;

import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** For a database that is polled: nothing is made in it. */
public final class PollSetup implements SiteSetup {
  private final Supplier<List<String>> emptyTables;

  /**
   * @param emptyTables asks which tables have no row now, as {@code schema.table}
   */
  public PollSetup(Supplier<List<String>> emptyTables) {
    this.emptyTables = emptyTables;
  }

  @Override
  public void demandFree(SpokeId spoke, Optional<UUID> instance, boolean sends) {}

  @Override
  public void prepareSchema(SpokeId spoke, UUID instance) {}

  /** What comes into an empty table from here on is found by the first look. */
  @Override
  public Begun beginCapture(boolean again) {
    return new Begun(SourcePosition.NONE, emptyTables.get(), List.of());
  }

  @Override
  public Begun beginWithoutCapture() {
    return beginCapture(false);
  }

  @Override
  public void remove() {}

  @Override
  public void undo(Throwable why) {}
}
