package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.agent.apply.ApplyEvents;
import io.spokewire.agent.apply.ApplySettings;
import io.spokewire.agent.apply.Backoff;
import io.spokewire.agent.apply.CapturedWrites;
import io.spokewire.agent.apply.PendingDeletes;
import io.spokewire.agent.apply.Rows;
import io.spokewire.agent.apply.table.ApplySite;
import io.spokewire.agent.apply.table.TableApplier;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.testing.EmbeddedPostgres;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntFunction;

/**
 * Prints how many rows a second an applier alone writes, and what a row costs the agent: in turn
 * without and with the site's own writes protected, and the medians of all rounds. Run by hand;
 * arguments: rows in all (200000), rows per batch (1000), PostgreSQL version (18), rounds (3).
 */
public final class ApplyRate {
  private static final Position ZERO =
      Position.beginning(new LogIncarnation(new UUID(1, 2)), ChannelId.MAIN);

  private final String url;
  private final int rows;
  private final int perBatch;
  private final Map<String, List<Double>> rates = new TreeMap<>();
  private boolean guarded;
  private long position;

  private ApplyRate(String url, int rows, int perBatch) {
    this.url = url;
    this.rows = rows;
    this.perBatch = perBatch;
  }

  public static void main(String[] args) throws Exception {
    int rows = args.length > 0 ? Integer.parseInt(args[0]) : 200_000;
    int perBatch = args.length > 1 ? Integer.parseInt(args[1]) : 1_000;
    int major = args.length > 2 ? Integer.parseInt(args[2]) : 18;
    int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 3;
    Rows shape =
        Rows.of(
            "bench",
            1,
            "id:INTEGER:bigint",
            "name:TEXT:text",
            "amount:DECIMAL:numeric(12,2)",
            "at:TIMESTAMP_TZ:timestamp with time zone",
            "n:INTEGER:integer");
    SchemaBook book = new SchemaBook();
    book.add(shape.schema());
    try (EmbeddedPostgres server =
        EmbeddedPostgres.start(major, Map.of("shared_buffers", "256MB", "max_wal_size", "4GB"))) {
      String url = server.jdbcUrl("postgres");
      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE bench (id bigint PRIMARY KEY, name text, amount numeric(12,2),"
                + " at timestamptz, n integer)");
      }
      LocalTable table =
          new LocalTable(
              "public",
              "bench",
              new TableDescription(shape.schema(), List.of(), List.of(), true, false));
      ApplyRate rate = new ApplyRate(url, rows, perBatch);
      ApplySite site =
          new ApplySite(
              new SpokeId("bench"),
              new UUID(1, 1),
              name -> Optional.of(table),
              book,
              Optional.of(marker -> Bytes.utf8("a marker of about the usual length of a seal")),
              name -> rate.guarded,
              CapturedWrites.NONE);
      ApplySettings settings = ApplySettings.DEFAULTS;
      try (TableApplier applier =
          new TableApplier(
              site,
              new PgTargetDatabase(properties -> DriverManager.getConnection(url, properties)),
              PendingDeletes.NONE,
              ApplyEvents.NONE,
              settings,
              new Backoff(settings, new Random(1), Backoff.Pause.SLEEP),
              TimeSource.SYSTEM)) {
        rate.all(applier, shape, rounds);
      }
    }
  }

  private void all(TableApplier applier, Rows shape, int rounds) throws Exception {
    Bytes at = new ByteSink().putInt64(1_700_000_000_123_456L).toBytes();
    Object same = Rows.SAME;
    for (int round = 0; round < 2 * rounds; round++) {
      guarded = round % 2 == 1;
      System.out.println("round " + round + (guarded ? ", protected" : ""));
      measure(applier, "inserts", i -> shape.insert(i, "name number " + i, i + ".50", at, i));
      measure(
          applier,
          "updates",
          i ->
              shape.updateOver(
                  List.of(same, "name number " + i, same, same, i),
                  i,
                  "changed " + i,
                  same,
                  same,
                  i + 1));
      measure(applier, "sums   ", i -> shape.update(i, same, same, same, new Rows.Plus("1")));
      measure(applier, "deletes", i -> shape.deleteOver(i, "changed " + i, i + ".50", at, i + 2));
    }
    rates.forEach(
        (what, all) -> {
          all.sort(null);
          System.out.printf("median of %s %,9.0f rows/s%n", what, all.get(all.size() / 2));
        });
  }

  private void measure(TableApplier applier, String what, IntFunction<RowChange> change)
      throws Exception {
    List<ApplyBatch> batches = new ArrayList<>();
    for (int from = 0; from < rows; from += perBatch) {
      List<ApplyBatch.Entry> entries = new ArrayList<>();
      long first = position + 1;
      // Ten rows in each hub transaction.
      for (int i = from; i < from + perBatch; i += 10) {
        List<RowChange> changes = new ArrayList<>();
        for (int j = i; j < Math.min(i + 10, from + perBatch); j++) {
          changes.add(change.apply(j));
        }
        position++;
        entries.add(
            new ApplyBatch.Entry(
                ZERO.at(position), new SpokeId("x"), new Sequence(position), Rows.chunks(changes)));
      }
      batches.add(new ApplyBatch(ZERO.at(first), ZERO.at(position), entries, Sequence.NONE));
    }
    long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    long server = serverCpuMicros();
    long start = System.nanoTime();
    batches.forEach(applier::apply);
    double seconds = (System.nanoTime() - start) / 1e9;
    double micros =
        (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu) / 1e3 / rows;
    double serverMicros = (serverCpuMicros() - server) / (double) rows;
    rates
        .computeIfAbsent(what + (guarded ? ", protected" : ""), w -> new ArrayList<>())
        .add(rows / seconds);
    System.out.printf(
        "  %s %,9.0f rows/s; CPU per row: agent %.2f us, server process %.2f us%n",
        what, rows / seconds, micros, serverMicros);
  }

  /** What the applier's server process has used, from Linux's own books; ticks are 10 ms. */
  private long serverCpuMicros() throws Exception {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'spokewire"
                    + " apply%'")) {
      if (!row.next()) {
        return 0;
      }
      String stat = Files.readString(Path.of("/proc/" + row.getInt(1) + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10_000;
    }
  }
}
