package io.spokewire.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.observe.WindowMeter;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.SqliteTopology;
import io.spokewire.hub.topology.TopologyDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HubMetricsTest {
  private static final SpokeId LISBON = new SpokeId("lisbon");
  private static final SpokeId PORTO = new SpokeId("porto");
  private static final TableName ORDERS = new TableName("orders");

  private static final TableSchema SCHEMA =
      TableSchema.of(
          ORDERS, List.of(new Column("id", LogicalType.INTEGER, "integer", false)), List.of(0));

  @TempDir Path directory;

  @Test
  void everyScrapeShowsWhatIsKnownThen() {
    try (TopologyDatabase database = TopologyDatabase.open(directory.resolve("topology.db"))) {
      SqliteTopology topology = new SqliteTopology(database);
      SchemaBook schemas = new SchemaBook();
      schemas.add(SCHEMA);
      FlowMeter flow = new FlowMeter(TimeSource.SYSTEM, schemas);
      WindowMeter window = new WindowMeter();
      SpokeBoard board = new SpokeBoard();
      HubMetrics metrics =
          new HubMetrics(
              new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), flow, window, board, topology);
      assertThat(metrics.scrape()).doesNotContain("orders");

      topology.add(LISBON, Direction.PUSH, ChannelId.MAIN);
      topology.add(PORTO, Direction.BOTH, ChannelId.MAIN);
      flow.logged(inserts(3));
      flow.errors(ORDERS, "unique_violation", 1);
      flow.conflict(ORDERS, "last_write_wins");
      board.update(PORTO, r -> r.withLag(1_500_000));
      window.write(new WindowMeter.Reading(700, 1_000, 12));

      assertThat(metrics.scrape().lines())
          .contains(
              "spokewire_window_bytes 700.0",
              "spokewire_window_limit_bytes 1000.0",
              "spokewire_window_cold_rows 12.0",
              "records_synced_total{operation=\"insert\",table_name=\"orders\"} 3.0",
              "sync_errors_total{error_type=\"unique_violation\",table_name=\"orders\"} 1.0",
              "conflict_count_total{resolution_strategy=\"last_write_wins\",table_name=\"orders\"}"
                  + " 1.0",
              "sync_lag_seconds{sync_job=\"lisbon->porto\",table_name=\"orders\"} 1.5",
              "spokewire_spoke_connected{spoke=\"porto\"} 0.0");

      flow.logged(inserts(4));
      topology.remove(PORTO);
      assertThat(metrics.scrape())
          .contains("records_synced_total{operation=\"insert\",table_name=\"orders\"} 7.0")
          .doesNotContain("porto");
    }
  }

  private static RowBlock inserts(int rows) {
    RowBlockWriter block = new RowBlockWriter();
    for (int i = 0; i < rows; i++) {
      block.put(new RowChange.Insert(SCHEMA.id(), new RowKey(Bytes.utf8("k" + i)), Tuple.NONE));
    }
    return block.toBlock();
  }

  @Test
  void whatAUserWroteCantBecomeMarkup() {
    StatusView.Status status =
        new StatusView.Status(
            "hub",
            "healthy",
            List.of("5 < 6"),
            List.of(
                new StatusView.SpokeLine(
                    "porto", "postgresql", "both", "live", "<script>alert('x')</script>", 1, 2, 3)),
            List.of(new StatusView.TableLine("orders", "synced", 0.2, 12_345)),
            1,
            2,
            3,
            4,
            OptionalLong.of(5),
            List.of(
                new StatusView.ConflictLine(
                    "now",
                    "orders",
                    "7",
                    "status",
                    "porto",
                    "\"a\" & b",
                    "lisbon",
                    "c",
                    "lww",
                    "c")));

    assertThat(ConsolePage.of(status))
        .contains("5 &lt; 6", "&lt;script&gt;", "12,345", "&quot;a&quot; &amp; b")
        .doesNotContain("<script");
  }
}
