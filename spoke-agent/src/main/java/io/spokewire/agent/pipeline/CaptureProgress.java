package io.spokewire.agent.pipeline;

import io.spokewire.agent.apply.CapturedWrites;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far capture is: the markers it has met, and the number of the last local transaction. Capture
 * writes, apply asks; safe from any thread.
 */
public final class CaptureProgress implements CapturedWrites {
  private @Nullable Context met;
  private Sequence last = Sequence.NONE;

  /** Capture goes on from here. */
  synchronized void begin(Context context, Sequence lastRecorded) {
    met = context;
    last = lastRecorded;
  }

  /** Capture gave a local transaction this number. */
  synchronized void took(Sequence sequence) {
    last = sequence;
  }

  /** Capture met a marker. */
  synchronized void met(Context context) {
    met = context;
  }

  @Override
  public synchronized Optional<Sequence> through(Position marker) {
    Context context = met;
    return context != null && context.low().isSameLogAs(marker) && context.covers(marker.number())
        ? Optional.of(last)
        : Optional.empty();
  }
}
