package io.spokewire.hub;

import io.spokewire.common.id.TableName;
import io.spokewire.hub.admin.FlowReadings;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.Topology;
import java.util.List;
import java.util.Map;

/**
 * What flows, as status shows it: the meter's counts, and as every table's lag that of the spoke
 * furthest behind, since one channel has one order.
 */
final class HubFlow implements FlowReadings {
  private final FlowMeter meter;
  private final Topology topology;
  private final SpokeBoard board;

  HubFlow(FlowMeter meter, Topology topology, SpokeBoard board) {
    this.meter = meter;
    this.topology = topology;
    this.board = board;
  }

  @Override
  public List<TableFlow> tables() {
    long lag =
        topology.spokes().stream()
            .filter(spoke -> spoke.direction().receives())
            .filter(spoke -> spoke.standing() == Spoke.Standing.LIVE)
            .mapToLong(spoke -> board.of(spoke.id()).lagMicros())
            .max()
            .orElse(0);
    return meter.tables().entrySet().stream().map(e -> table(e, lag)).toList();
  }

  @Override
  public Rates throughput() {
    FlowMeter.Throughput now = meter.throughput();
    return new Rates(now.current(), now.average(), now.peak());
  }

  @Override
  public Day last24Hours() {
    return new Day(meter.rowsOfLastDay(), meter.errorsOfLastDay());
  }

  private static TableFlow table(Map.Entry<TableName, FlowMeter.TableRows> rows, long lag) {
    return new TableFlow(rows.getKey(), lag, rows.getValue().all());
  }
}
