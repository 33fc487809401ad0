package io.spokewire.hub;

import io.spokewire.hub.http.StatusView;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.Topology;
import java.util.List;
import java.util.Locale;

/** What the console can show from the topology and the board alone. */
final class TopologyStatus implements StatusView {
  private static final double MICROS_PER_SECOND = 1e6;

  private final String hub;
  private final Topology topology;
  private final SpokeBoard board;

  TopologyStatus(String hub, Topology topology, SpokeBoard board) {
    this.hub = hub;
    this.topology = topology;
    this.board = board;
  }

  @Override
  public Status read() {
    List<SpokeLine> spokes = topology.spokes().stream().map(this::line).toList();
    return new Status(hub, "running", spokes, List.of(), 0, 0, 0, 0, 0, List.of());
  }

  private SpokeLine line(Spoke spoke) {
    SpokeBoard.Reading reading = board.of(spoke.id());
    String state = spoke.paused() ? "paused" : spoke.standing().name().toLowerCase(Locale.ROOT);
    return new SpokeLine(
        spoke.id().name(),
        spoke.engine(),
        spoke.direction().label(),
        state.equals("live") && !reading.connected() ? "offline" : state,
        spoke.reason(),
        reading.lagMicros() / MICROS_PER_SECOND,
        reading.applied(),
        reading.outboxPending());
  }
}
