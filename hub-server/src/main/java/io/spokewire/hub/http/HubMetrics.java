package io.spokewire.hub.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.observe.FlowMeter.Count;
import io.spokewire.hub.observe.WindowMeter;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * Puts the hub's readings into Prometheus form: {@code sync_lag_seconds}, {@code
 * records_synced_total}, {@code sync_errors_total}, {@code conflict_count_total}, and the rest
 * under {@code spokewire_}. Reads when it is scraped, so that nothing on the way of a change waits
 * for it. Safe from any thread.
 */
public final class HubMetrics {
  private static final double MICROS_PER_SECOND = 1e6;

  private final PrometheusMeterRegistry registry;
  private final FlowMeter flow;
  private final SpokeBoard board;
  private final Topology topology;
  private final MultiGauge lag;
  private final List<SpokeGauge> spokeGauges;
  private final Set<Series> series = new HashSet<>(); // the registry warns of a second registration

  private record Series(String name, Count count) {}

  private record SpokeGauge(MultiGauge gauge, ToDoubleFunction<SpokeBoard.Reading> value) {}

  public HubMetrics(
      PrometheusMeterRegistry registry,
      FlowMeter flow,
      WindowMeter window,
      SpokeBoard board,
      Topology topology) {
    this.registry = registry;
    this.flow = flow;
    this.board = board;
    this.topology = topology;
    window(
        window,
        "spokewire_window_bytes",
        "Memory that rows take which can still be in conflict, about",
        WindowMeter.Reading::bytes);
    window(
        window,
        "spokewire_window_limit_bytes",
        "How much they may take before the coldest go to disk",
        WindowMeter.Reading::limit);
    window(
        window,
        "spokewire_window_cold_rows",
        "Rows that can still be in conflict and lie on disk",
        WindowMeter.Reading::cold);
    this.lag =
        MultiGauge.builder("sync_lag_seconds")
            .description("Age of the oldest change of the table not yet applied at the target")
            .register(registry);
    this.spokeGauges =
        List.of(
            spoke(
                "spokewire_spoke_connected",
                "1 while its agent has a session",
                r -> r.connected() ? 1 : 0),
            spoke(
                "spokewire_spoke_lag_seconds",
                "Age of the oldest entry not yet applied there",
                r -> r.lagMicros() / MICROS_PER_SECOND),
            spoke(
                "spokewire_spoke_applied_position",
                "Log position that its database durably holds",
                SpokeBoard.Reading::applied),
            spoke(
                "spokewire_spoke_outbox_pending_transactions",
                "Captured and not acknowledged",
                SpokeBoard.Reading::outboxPending),
            spoke(
                "spokewire_spoke_retained_log_bytes",
                "Log that the source keeps for us",
                SpokeBoard.Reading::retainedLogBytes),
            spoke(
                "spokewire_spoke_parked_rows", "Rows set aside there", SpokeBoard.Reading::parked),
            spoke(
                "spokewire_spoke_clock_offset_seconds",
                "Its agent's clock minus the hub's",
                r -> r.clockOffsetMicros() / MICROS_PER_SECOND));
  }

  /** Everything, in Prometheus' text form. */
  public synchronized String scrape() {
    counters("records_synced_total", "Row changes logged", "operation", flow::operations);
    counters("sync_errors_total", "Row changes that went wrong", "error_type", flow::errors);
    counters(
        "conflict_count_total",
        "Conflicting fields settled",
        "resolution_strategy",
        flow::conflicts);
    List<Spoke> spokes = topology.spokes();
    lag.register(lags(spokes), true);
    for (SpokeGauge gauge : spokeGauges) {
      List<MultiGauge.Row<?>> rows = new ArrayList<>();
      for (Spoke spoke : spokes) {
        rows.add(
            MultiGauge.Row.of(
                Tags.of("spoke", spoke.id().name()),
                gauge.value().applyAsDouble(board.of(spoke.id()))));
      }
      gauge.gauge().register(rows, true);
    }
    return registry.scrape();
  }

  /** Each table that flows, from each spoke that sends to each other one that receives. */
  private List<MultiGauge.Row<?>> lags(List<Spoke> spokes) {
    List<MultiGauge.Row<?>> lags = new ArrayList<>();
    for (TableName table : flow.tables().keySet()) {
      for (Spoke source : spokes) {
        for (Spoke target : spokes) {
          if (!source.equals(target)
              && source.direction().sends()
              && target.direction().receives()) {
            lags.add(
                MultiGauge.Row.of(
                    Tags.of(
                        "table_name", table.name(), "sync_job", source.id() + "->" + target.id()),
                    board.of(target.id()).lagMicros() / MICROS_PER_SECOND));
          }
        }
      }
    }
    return lags;
  }

  private void window(
      WindowMeter window,
      String name,
      String description,
      ToDoubleFunction<WindowMeter.Reading> value) {
    Gauge.builder(name, window, w -> value.applyAsDouble(w.read()))
        .description(description)
        .register(registry);
  }

  private SpokeGauge spoke(
      String name, String description, ToDoubleFunction<SpokeBoard.Reading> value) {
    return new SpokeGauge(
        MultiGauge.builder(name).description(description).register(registry), value);
  }

  /** A counter for each pair of labels that was not met before. */
  private void counters(
      String name, String description, String label, Supplier<Map<Count, Long>> reading) {
    for (Count count : reading.get().keySet()) {
      if (series.add(new Series(name, count))) {
        FunctionCounter.builder(name, reading, r -> r.get().getOrDefault(count, 0L))
            .description(description)
            .tags("table_name", count.table().name(), label, count.what())
            .register(registry);
      }
    }
  }
}
