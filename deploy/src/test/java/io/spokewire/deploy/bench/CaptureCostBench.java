package io.spokewire.deploy.bench;

import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import io.spokewire.testing.EmbeddedMySql;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code deploy/bench/run.sh capture}: what capture costs those who write. One server without any,
 * one whose log is read, one with triggers, under the same load in turn.
 */
public final class CaptureCostBench {
  private static final String PLAN = "tables: [item]\n";

  private final int seconds;
  private final int clients;

  private CaptureCostBench(int seconds, int clients) {
    this.seconds = seconds;
    this.clients = clients;
  }

  /** How a site's changes are captured. */
  private enum Capture {
    NONE("no capture"),
    LOG("log"),
    TRIGGER("triggers");

    private final String title;

    Capture(String title) {
      this.title = title;
    }

    /** As {@code --capture} has it; a site without capture does not join. */
    String method(Dialect dialect) {
      return switch (this) {
        case NONE -> throw new IllegalStateException("no method");
        case LOG -> dialect == Dialect.POSTGRES ? "logical_replication" : "binlog";
        case TRIGGER -> "trigger";
      };
    }
  }

  /**
   * @param args the distribution's directory, then options
   */
  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i + 1 < args.length; i += 2) {
      options.put(args[i], args[i + 1]);
    }
    String engine = options.getOrDefault("--engine", "all");
    if (args.length % 2 == 0
        || !List.of("--engine", "--seconds", "--clients").containsAll(options.keySet())
        || !List.of("postgresql", "mariadb", "all").contains(engine)) {
      System.err.println("run.sh: unknown options; see the head of deploy/bench/run.sh");
      System.exit(2);
    }
    CaptureCostBench bench =
        new CaptureCostBench(
            Integer.parseInt(options.getOrDefault("--seconds", "10")),
            Integer.parseInt(options.getOrDefault("--clients", "4")));
    Programs programs = Programs.ofDistribution(Path.of(args[0]));
    if (!engine.equals("mariadb")) {
      bench.run(programs, Dialect.POSTGRES, "PostgreSQL 18");
    }
    if (!engine.equals("postgresql")) {
      bench.run(programs, Dialect.MARIADB, "MariaDB 11.4");
    }
    System.exit(0);
  }

  private void run(Programs programs, Dialect dialect, String server) throws Exception {
    try (Cluster cluster = new Cluster(programs)) {
      cluster.applyPlan(PLAN);
      Map<Capture, DatabaseSite> sites = new EnumMap<>(Capture.class);
      for (Capture capture : Capture.values()) {
        sites.put(capture, start(cluster, dialect, capture));
      }
      cluster.waitConverged("60s").orThrow();
      System.out.printf(
          "%n%s, %d clients, durable commits, full row images%n"
              + "transactions/s, and milliseconds of the server's CPU per transaction%n",
          server, clients);
      System.out.printf(
          "  %-34s %22s %28s %28s%n",
          "", Capture.NONE.title, Capture.LOG.title, Capture.TRIGGER.title);
      for (Load load : Load.values()) {
        for (DatabaseSite site : sites.values()) {
          load.measure(site, clients, Math.max(1, seconds / 2)); // warm
        }
        compare(load, cluster, sites, false);
        compare(load, cluster, sites, true);
      }
    }
  }

  private static DatabaseSite start(Cluster cluster, Dialect dialect, Capture capture) {
    String name = capture.name().toLowerCase(Locale.ROOT);
    DatabaseSite site;
    if (dialect == Dialect.POSTGRES) {
      PostgresSite postgres = cluster.startSite(name, 18, ReplicationBench.POSTGRES);
      postgres.createTables(dialect.tables());
      postgres.execute("GRANT TRIGGER ON ALL TABLES IN SCHEMA public TO spokewire");
      site = postgres;
    } else {
      site = cluster.startSite(name, EmbeddedMySql.Flavour.MARIADB, ReplicationBench.MARIADB);
      site.execute(dialect.tables());
      site.execute(
          "GRANT PROCESS ON *.* TO spokewire@'%'",
          "GRANT TRIGGER, LOCK TABLES ON shop.* TO spokewire@'%'",
          "GRANT LOCK TABLES ON spokewire.* TO spokewire@'%'",
          "SET GLOBAL log_bin_trust_function_creators = 1");
    }
    if (capture != Capture.NONE) {
      cluster.join(site, "push", "--capture", capture.method(dialect));
    }
    site.execute(dialect.insert("1", Load.ROWS)); // what is updated
    return site;
  }

  /**
   * @param held whether the agents are stopped: they and the hub then cost the machine nothing, and
   *     what is left is the database's own part
   */
  private void compare(Load load, Cluster cluster, Map<Capture, DatabaseSite> sites, boolean held)
      throws Exception {
    Map<Capture, List<Load.Figure>> figures = new EnumMap<>(Capture.class);
    List<Capture> turns = new ArrayList<>(List.of(Capture.values()));
    turns.addAll(List.of(Capture.values()).reversed());
    for (Capture capture : turns) {
      DatabaseSite site = sites.get(capture);
      boolean stop = held && capture != Capture.NONE;
      if (stop) {
        Signal.STOP.send(site.agent().pid());
      }
      try {
        figures
            .computeIfAbsent(capture, c -> new ArrayList<>())
            .add(load.measure(site, clients, seconds));
      } finally {
        if (stop) {
          Signal.CONT.send(site.agent().pid());
        }
      }
      cluster.waitConverged("300s").orThrow(); // nobody works off what another has left
    }
    double base = perSecond(figures.get(Capture.NONE));
    StringBuilder line = new StringBuilder();
    for (Capture capture : Capture.values()) {
      List<Load.Figure> each = figures.get(capture);
      line.append(
          "%9.0f %.0f (%.2f ms)%s"
              .formatted(
                  each.getFirst().perSecond(),
                  each.getLast().perSecond(),
                  each.stream().mapToDouble(Load.Figure::serverMillis).average().orElseThrow(),
                  capture == Capture.NONE ? "" : " %.2f".formatted(perSecond(each) / base)));
    }
    System.out.printf("  %-34s %s%n", load.title() + (held ? ", agent stopped" : ""), line);
  }

  private static double perSecond(List<Load.Figure> figures) {
    return figures.stream().mapToDouble(Load.Figure::perSecond).average().orElseThrow();
  }
}
