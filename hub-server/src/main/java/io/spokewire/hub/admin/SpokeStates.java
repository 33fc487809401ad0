package io.spokewire.hub.admin;

import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import java.time.Duration;

/**
 * Derives the one state that is shown for a spoke from what is persisted of it and what its session
 * last showed. Pure.
 *
 * <p>Several may hold at once; the first of this order is shown, so that what somebody must act on
 * hides what follows from it:
 *
 * <ol>
 *   <li>{@code fenced}, {@code needs_resync}: nothing goes on until somebody decides;
 *   <li>{@code paused}: an operator's own decision, which explains everything below;
 *   <li>{@code joining}: not live yet, whether connected or not;
 *   <li>{@code offline}: live, but its agent is not connected, so what follows is not known;
 *   <li>{@code parked}: connected, with rows set aside;
 *   <li>{@code lagging}: connected, but further behind than the limit;
 *   <li>{@code live}.
 * </ol>
 *
 * @param laggingAfter a spoke further behind than this is lagging
 */
public record SpokeStates(Duration laggingAfter) {
  private static final long MICROS_PER_SECOND = 1_000_000;

  /** The warning limit of the metric {@code sync_lag_seconds}. */
  public static final SpokeStates DEFAULT = new SpokeStates(Duration.ofSeconds(60));

  public SpokeState of(Spoke spoke, SpokeBoard.Reading reading) {
    return switch (spoke.standing()) {
      case FENCED -> SpokeState.FENCED;
      case NEEDS_RESYNC, EXPIRED -> SpokeState.NEEDS_RESYNC;
      case JOINING -> spoke.paused() ? SpokeState.PAUSED : SpokeState.JOINING;
      case LIVE -> spoke.paused() ? SpokeState.PAUSED : observed(reading);
    };
  }

  /** Why it is not live, for people; empty when it is. */
  public String reason(Spoke spoke, SpokeBoard.Reading reading) {
    return switch (of(spoke, reading)) {
      case FENCED, NEEDS_RESYNC -> spoke.reason();
      case JOINING ->
          spoke.reason().isEmpty() && spoke.engine().isEmpty()
              ? "its agent has not joined yet"
              : spoke.reason();
      case PAUSED -> "paused by an operator";
      case OFFLINE -> "its agent is not connected";
      case PARKED ->
          reading.parked() == 1 ? "1 row is set aside" : reading.parked() + " rows are set aside";
      case LAGGING -> "behind by " + reading.lagMicros() / MICROS_PER_SECOND + " s";
      case LIVE -> "";
    };
  }

  /** Whether something is this far behind. */
  public boolean isBehind(long lagMicros) {
    return lagMicros > laggingAfter.toMillis() * 1_000;
  }

  private SpokeState observed(SpokeBoard.Reading reading) {
    if (!reading.connected()) {
      return SpokeState.OFFLINE;
    }
    if (reading.parked() > 0) {
      return SpokeState.PARKED;
    }
    return isBehind(reading.lagMicros()) ? SpokeState.LAGGING : SpokeState.LIVE;
  }
}
