package io.spokewire.deploy.bench;

import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.MySqlSite;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import io.spokewire.testing.EmbeddedMySql;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code deploy/bench/run.sh pg} and {@code mariadb}; see there. */
public final class ReplicationBench {
  static final Map<String, String> POSTGRES =
      Map.of(
          "wal_sender_timeout", "0",
          "max_wal_size", "4GB",
          "shared_buffers", "256MB",
          "autovacuum", "off");

  static final Map<String, String> MARIADB =
      Map.of(
          "innodb-buffer-pool-size", "512M",
          "innodb-log-file-size", "512M",
          "max-binlog-size", "1G");

  private static final int WARM_UP_ROUNDS = 3;
  private static final String ONE_WAY = "one-way (push to pull)";
  private static final String BOTH_WAYS = "both ways";

  private final int rows;
  private final int seconds;
  private final List<CatchUp> works;
  private long mark = 1;

  private ReplicationBench(int rows, int seconds, List<CatchUp> works) {
    this.rows = rows;
    this.seconds = seconds;
    this.works = works;
  }

  /**
   * @param args the distribution's directory, {@code pg} or {@code mariadb}, then options
   */
  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (int i = 2; i + 1 < args.length; i += 2) {
      options.put(args[i], args[i + 1]);
    }
    boolean postgres = args[1].equals("pg");
    List<String> known =
        postgres
            ? List.of("--rows", "--seconds", "--mode", "--postgres", "--only")
            : List.of("--rows", "--seconds", "--mode", "--appliers", "--only");
    if (args.length % 2 != 0 || !known.containsAll(options.keySet())) {
      System.err.println("run.sh: unknown options; see the head of deploy/bench/run.sh");
      System.exit(2);
    }
    ReplicationBench bench =
        new ReplicationBench(
            Integer.parseInt(options.getOrDefault("--rows", "200000")),
            Integer.parseInt(options.getOrDefault("--seconds", "20")),
            works(options.get("--only")));
    Programs programs = Programs.ofDistribution(Path.of(args[0]));
    int major = Integer.parseInt(options.getOrDefault("--postgres", "15"));
    int appliers = Integer.parseInt(options.getOrDefault("--appliers", "0"));
    String mode = options.getOrDefault("--mode", "all");
    for (boolean bothWays : List.of(false, true)) {
      if (mode.equals(bothWays ? "one-way" : "both")) {
        continue;
      }
      if (postgres) {
        bench.postgres(programs, major, bothWays);
      } else {
        bench.mariaDb(programs, appliers, bothWays);
      }
    }
    System.exit(0);
  }

  /** One kind of catch-up by its name in lower case with dashes, or all. */
  private static List<CatchUp> works(@Nullable String only) {
    return only == null
        ? List.of(CatchUp.values())
        : List.of(CatchUp.valueOf(only.toUpperCase(Locale.ROOT).replace('-', '_')));
  }

  private void postgres(Programs programs, int major, boolean bothWays) throws Exception {
    try (Cluster cluster = new Cluster(programs)) {
      cluster.applyPlan("tables: ['*']\n");
      PostgresSite source = cluster.startSite("source", major, POSTGRES);
      PostgresSite target = cluster.startSite("target", major, POSTGRES);
      for (PostgresSite site : List.of(source, target)) {
        site.createTables(Dialect.POSTGRES.tables());
        if (!bothWays) {
          site.execute(
              "ALTER TABLE item REPLICA IDENTITY DEFAULT",
              "ALTER TABLE finish REPLICA IDENTITY DEFAULT");
        }
      }
      cluster.join(source, bothWays ? "both" : "push");
      cluster.join(target, bothWays ? "both" : "pull");
      System.out.printf(
          "%n%s, PostgreSQL %d, replica identity %s at Spokewire's source, default at native's%n",
          bothWays ? BOTH_WAYS : ONE_WAY, major, bothWays ? "full" : "default");
      compare(new NativePostgres(source, target), Dialect.POSTGRES, cluster, source, target);
    }
  }

  private void mariaDb(Programs programs, int appliers, boolean bothWays) throws Exception {
    try (Cluster cluster = new Cluster(programs)) {
      cluster.applyPlan("tables: ['*']\n");
      MySqlSite source = cluster.startSite("source", EmbeddedMySql.Flavour.MARIADB, MARIADB);
      MySqlSite target = cluster.startSite("target", EmbeddedMySql.Flavour.MARIADB, MARIADB);
      for (MySqlSite site : List.of(source, target)) {
        site.execute(Dialect.MARIADB.tables());
      }
      cluster.join(source, bothWays ? "both" : "push");
      cluster.join(target, bothWays ? "both" : "pull");
      System.out.printf(
          "%n%s, MariaDB 11.4, commits durable at both ends; native %s%n",
          bothWays ? BOTH_WAYS : ONE_WAY,
          appliers == 0 ? "as shipped" : "with " + appliers + " parallel appliers");
      compare(new NativeMariaDb(MARIADB, appliers), Dialect.MARIADB, cluster, source, target);
    }
  }

  private void compare(
      Replication theirs,
      Dialect dialect,
      Cluster cluster,
      DatabaseSite source,
      DatabaseSite target)
      throws Exception {
    try (theirs;
        Replication ours = new SpokewireReplication(dialect, cluster, source, target)) {
      catchUp(theirs, ours);
      if (seconds > 0) {
        latency(theirs, ours);
      }
    }
    System.out.printf(
        "memory (RssAnon), MB:  source agent %.0f   hub %.0f   target agent %.0f%n",
        ProcessMeter.anonymousMegabytes(source.agent().pid()),
        ProcessMeter.anonymousMegabytes(cluster.hub().running().pid()),
        ProcessMeter.anonymousMegabytes(target.agent().pid()));
  }

  private void catchUp(Replication theirs, Replication ours) throws Exception {
    for (CatchUp work : works) {
      work.measure(theirs, rows / 4, nextMark(2));
      // A replication process runs for months: what the compiler costs in its first minute is not
      // what is asked here.
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        work.measure(ours, rows, nextMark(2));
      }
    }
    System.out.printf("%ncatch-up, thousand rows/s%n");
    System.out.printf("  %-32s %13s %13s %7s%n", "", "native", "spokewire", "ratio");
    Map<CatchUp, Map<String, Double>> cpu = new LinkedHashMap<>();
    for (CatchUp work : works) {
      Map<Replication, List<CatchUp.Figure>> figures = new HashMap<>();
      for (Replication way : List.of(theirs, ours, ours, theirs)) {
        figures
            .computeIfAbsent(way, w -> new ArrayList<>())
            .add(work.measure(way, rows, nextMark(2)));
      }
      double ratio = mean(figures.get(ours)) / mean(figures.get(theirs));
      System.out.printf(
          "  %-32s %13s %13s %7.2f%n",
          work.title(), rates(figures.get(theirs)), rates(figures.get(ours)), ratio);
      cpu.put(work, costs(figures.get(ours), figures.get(theirs)));
    }
    System.out.printf("%nCPU seconds per million rows%n");
    cpu.forEach((work, costs) -> System.out.printf("  %-32s %s%n", work.title(), costs(costs)));
  }

  private void latency(Replication theirs, Replication ours) throws Exception {
    System.out.printf("%ncommit to visible at 100 commits/s, ms: p50 / p99%n");
    for (Replication way : List.of(theirs, ours, ours, theirs)) {
      Latency.Figure figure = Latency.measure(way, seconds, nextMark(seconds * 100 + 1));
      System.out.printf("  %-12s %6.2f / %.1f%n", way.name(), figure.p50(), figure.p99());
    }
  }

  private long nextMark(int count) {
    long next = mark;
    mark += count;
    return next;
  }

  private static double mean(List<CatchUp.Figure> figures) {
    return figures.stream().mapToDouble(CatchUp.Figure::rowsPerSecond).average().orElseThrow();
  }

  private static String rates(List<CatchUp.Figure> figures) {
    StringBuilder text = new StringBuilder();
    figures.forEach(f -> text.append(" %.1f".formatted(f.rowsPerSecond() / 1000)));
    return text.toString();
  }

  private static Map<String, Double> costs(List<CatchUp.Figure> ours, List<CatchUp.Figure> theirs) {
    Map<String, Double> costs = new LinkedHashMap<>();
    theirs.forEach(
        f ->
            f.cpuPerMillion()
                .forEach((p, s) -> costs.merge("native " + p, s / theirs.size(), Double::sum)));
    ours.forEach(
        f -> f.cpuPerMillion().forEach((p, s) -> costs.merge(p, s / ours.size(), Double::sum)));
    return costs;
  }

  private static String costs(Map<String, Double> costs) {
    StringBuilder text = new StringBuilder();
    costs.forEach((p, s) -> text.append("%s %.1f   ".formatted(p, s)));
    return text.toString().strip();
  }
}
