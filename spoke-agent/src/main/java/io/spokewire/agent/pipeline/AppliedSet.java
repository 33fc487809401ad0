package io.spokewire.agent.pipeline;

import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.clock.Context;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which hub positions this database held at the place of its log that capture has reached. Decides
 * whether a sealed marker counts: a copy of one, which any user of the database may write, names
 * positions that are in the set already. The one exception is the retry of parked rows, which
 * repeats the last position with fewer rows unseen.
 *
 * <p>Used by the capture loop's thread; the set itself is immutable.
 */
public final class AppliedSet implements Predicate<AppliedMarker> {
  private @Nullable Context context;

  /** Begins at a place of the log whose set is known. */
  void begin(Context known) {
    context = known;
  }

  Context context() {
    Context now = context;
    if (now == null) {
      throw new IllegalStateException("the applied set is not known yet");
    }
    return now;
  }

  /** Whether the marker counts at this place of the log. */
  @Override
  public boolean test(AppliedMarker marker) {
    return counts(context(), marker);
  }

  /** Takes the marker's positions into the set. */
  void extend(AppliedMarker marker) {
    Context now = context();
    if (!counts(now, marker)) {
      throw io.spokewire.common.fault.Fault.invariant(
          "I4", "marker " + marker.first() + ".." + marker.last() + " where " + now + " is seen");
    }
    Context next =
        isNew(now, marker) ? now.plus(marker.first().number(), marker.last().number()) : now;
    context = next.withExceptions(marker.unseen());
  }

  private static boolean counts(Context now, AppliedMarker marker) {
    return marker.first().isSameLogAs(now.low()) && (isNew(now, marker) || isRetry(now, marker));
  }

  private static boolean isNew(Context now, AppliedMarker marker) {
    long first = marker.first().number();
    long last = marker.last().number();
    return first > now.low().number()
        && Arrays.stream(now.above()).noneMatch(p -> p >= first && p <= last);
  }

  private static boolean isRetry(Context now, AppliedMarker marker) {
    return marker.first().equals(marker.last())
        && marker.last().equals(now.low())
        && now.above().length == 0
        && !marker.unseen().equals(now.exceptions())
        && marker.unseen().stream().allMatch(row -> isBetter(row, now.exceptions()));
  }

  private static boolean isBetter(Context.Unseen row, List<Context.Unseen> before) {
    return before.stream().anyMatch(old -> old.includes(row) && old.low() <= row.low());
  }
}
