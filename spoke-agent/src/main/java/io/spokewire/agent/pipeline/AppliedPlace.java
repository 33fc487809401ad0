package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;
import java.util.Optional;

/** Where in a change log a position had just been applied. */
public final class AppliedPlace {
  private static final Duration STEP = Duration.ofMillis(500);

  private AppliedPlace() {}

  /**
   * Reads the log from its beginning to its present end, and frees nothing.
   *
   * @param allMarkers opens a source to which every marker counts, and which says null only when it
   *     has nothing more
   * @param end where to stop at the latest, since somebody may write for ever
   */
  public static Optional<SourcePosition> find(
      ChangeSource.Factory allMarkers, Position applied, SourcePosition end)
      throws InterruptedException {
    try (ChangeSource source = allMarkers.open(SourcePosition.NONE)) {
      while (true) {
        switch (source.next(STEP)) {
          case Captured.Applied own when own.marker().last().equals(applied) -> {
            return Optional.of(own.position());
          }
          case Captured.Local local -> local.rows().close();
          case null -> {
            return Optional.empty();
          }
          case Captured event -> {
            if (event instanceof Captured.Progress && !event.position().isBefore(end)) {
              return Optional.empty();
            }
          }
        }
      }
    }
  }
}
