package io.spokewire.agent;

import io.spokewire.agent.apply.table.TargetDatabase;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.pipeline.BarrierMarks;
import io.spokewire.agent.pipeline.CaptureSite;
import io.spokewire.agent.pipeline.LocalGenerators;
import io.spokewire.agent.pipeline.SiteTables;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/** What one running agent has of its engine. Closing it closes what it made. */
interface Site extends AutoCloseable {
  /**
   * What the parts stand in.
   *
   * @param copy the file for a copy of the tables, where the method of capture keeps one
   */
  record Surroundings(
      SpokeId spoke,
      Direction direction,
      StateFile state,
      MarkerSeal seal,
      Path copy,
      TimeSource time) {}

  /** The plan's tables here. */
  SiteTables tables();

  /** Marks of barriers, in the order of this database's commits. */
  BarrierMarks barriers();

  /** What numbers rows here and does not notice by itself what others write; for one thread. */
  Optional<LocalGenerators> generators();

  /** Where changes are applied. For a spoke that receives. */
  TargetDatabase target();

  /**
   * Where changes are captured. For a spoke that sends; asked once.
   *
   * @param isNew whether a marker's positions are not yet applied as far as capture knows
   * @param spool where large transactions wait for their end; this source's alone
   */
  CaptureSite capture(Predicate<AppliedMarker> isNew, Path spool);

  @Override
  void close();
}
