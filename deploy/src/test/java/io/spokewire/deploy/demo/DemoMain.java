package io.spokewire.deploy.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.MySqlSite;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import io.spokewire.testing.EmbeddedMySql;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * {@code deploy/demo.sh}: a hub, two PostgreSQL sites and a MariaDB, writes at all of them, a
 * conflict, the audit, and the proof by query that all sites hold the same. With {@code --once} it
 * ends after that with 0 or 1 and leaves nothing behind; without, it stays until Ctrl-C.
 */
public final class DemoMain {
  private static final String ORDER = "0d0d0d0d-0000-4000-8000-000000000007";
  private static final int ORDERS_PER_SITE = 200;

  private final Stage stage;
  private final Cluster cluster;
  private final Map<String, DatabaseSite> sites = new LinkedHashMap<>();
  private final Map<String, String> addresses = new LinkedHashMap<>();

  private DemoMain(Stage stage, Cluster cluster) {
    this.stage = stage;
    this.cluster = cluster;
  }

  /**
   * @param args the distribution's directory, then {@code --once} or nothing
   */
  public static void main(String[] args) throws Exception {
    List<String> options = Arrays.asList(args).subList(1, args.length);
    if (!options.isEmpty() && !options.equals(List.of("--once"))) {
      System.err.println("demo.sh: unknown option " + options + " (use --once, or nothing)");
      System.exit(2);
    }
    boolean once = !options.isEmpty();
    Stage stage = new Stage(System.out, System.console() != null && !once);
    stage.heading("Spokewire: two PostgreSQL sites and a MariaDB, all of them take writes");
    boolean equal;
    try (Cluster cluster = new Cluster(Programs.ofDistribution(Path.of(args[0])))) {
      DemoMain demo = new DemoMain(stage, cluster);
      equal = demo.play();
      if (!once) {
        demo.stay();
      }
    }
    System.exit(equal ? 0 : 1);
  }

  private boolean play() throws SQLException, InterruptedException {
    join();
    sellEverywhere();
    quarrel();
    audit();
    syncadm("status");
    return compare();
  }

  private void join() {
    stage.scene("A hub, and three sites that join it");
    stage.say("hub      " + cluster.hub().grpc() + "   console http://" + cluster.hub().http());
    cluster.applyPlan(Shop.PLAN);
    PostgresSite lisbon = cluster.startSite("lisbon", 18, Map.of());
    join(lisbon, "PostgreSQL 18", lisbon.jdbcUrl());
    PostgresSite porto = cluster.startSite("porto", 15, Map.of());
    join(porto, "PostgreSQL 15", porto.jdbcUrl());
    MySqlSite faro = cluster.startSite("faro", EmbeddedMySql.Flavour.MARIADB);
    join(faro, "MariaDB 11.4", faro.jdbcUrl());
    stage.say("");
    stage.say("Each by two commands: `syncadm topology add-spoke NAME` prints a token,");
    stage.say("`spoke-agent join --token …` turns it into a certificate beside the database.");
    syncadm("topology", "list");
  }

  private void join(DatabaseSite site, String database, String address) {
    Shop.open(site);
    cluster.join(site, "both");
    sites.put(site.name(), site);
    addresses.put(site.name(), address);
    stage.say("%-8s %-14s  %s".formatted(site.name(), database, address));
  }

  private void sellEverywhere() throws SQLException, InterruptedException {
    stage.scene("Everybody sells, at the same time");
    Shop.listGoods(cluster.site("lisbon"));
    syncadm("wait", "--converged");
    long start = System.nanoTime();
    List<Thread> tills = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    for (DatabaseSite site : sites.values()) {
      tills.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      Shop.sell(site, ORDERS_PER_SITE, site.name().hashCode());
                    } catch (SQLException | RuntimeException e) {
                      synchronized (failures) {
                        failures.add(e);
                      }
                    }
                  }));
    }
    for (Thread till : tills) {
      till.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException("selling failed", failures.getFirst());
    }
    stage.say(
        "%d orders at each of %d sites, in %.1f s"
            .formatted(ORDERS_PER_SITE, sites.size(), (System.nanoTime() - start) / 1e9));
    syncadm("wait", "--converged");
    stage.say("");
    for (String table : Shop.TABLES) {
      stage.say(
          "%-12s %6s rows at every site"
              .formatted(table, sites.get("faro").query("SELECT count(*) FROM " + table)));
    }
  }

  private void quarrel() {
    stage.scene("Two clerks change one order while porto is cut off");
    sites
        .get("lisbon")
        .execute(
            "INSERT INTO orders SELECT '%s', id, 'lisbon', 'new', 'gift' FROM customers LIMIT 1"
                .formatted(ORDER));
    syncadmQuietly("wait", "--converged");
    syncadm("topology", "pause", "porto");
    update("lisbon", "UPDATE orders SET status = 'paid', note = 'gift wrapped' WHERE id = '%s'");
    update("porto", "UPDATE orders SET status = 'cancelled' WHERE id = '%s'");
    update("porto", "UPDATE products SET price = 5.55 WHERE sku = 'TEA-007'");
    update("faro", "UPDATE products SET price = 9.99 WHERE sku = 'TEA-007'");
    stage.say("");
    stage.say("Neither site waits for the other; both commits succeed at once.");
    syncadm("topology", "resume", "porto");
    syncadm("wait", "--converged");
    stage.say("");
    for (DatabaseSite site : sites.values()) {
      stage.say(
          "%-8s %s"
              .formatted(
                  site.name(),
                  site.query(
                          "SELECT concat('order is ', status, ', ', note) FROM orders"
                              + " WHERE id = '%s'".formatted(ORDER))
                      + "; TEA-007 costs "
                      + site.query("SELECT price FROM products WHERE sku = 'TEA-007'")));
    }
    stage.say("");
    stage.say("Orders: the last write wins, field by field, so the wrapped gift stays wrapped.");
    stage.say("Products: the plan says lisbon before porto before faro, whoever wrote last.");
  }

  private void audit() {
    stage.scene("Nothing was lost in silence: the audit has both sides");
    syncadm("conflicts", "list");
    JsonNode conflicts =
        Cluster.json(cluster.hub().syncadm("conflicts", "list", "--table", "orders", "-o", "json"));
    if (!conflicts.isEmpty()) {
      syncadm("conflicts", "show", conflicts.get(0).get("id").asText());
    }
  }

  private boolean compare() {
    stage.scene("Are all sites equal? Ask the databases");
    boolean equal = true;
    for (String table : Shop.TABLES) {
      List<String> digests =
          sites.values().stream().map(s -> Contents.digest(s, table)).distinct().toList();
      equal &= digests.size() == 1;
      stage.say(
          "%-12s %s  %s"
              .formatted(
                  table,
                  digests.size() == 1 ? stage.good("✓ equal") : "✗ DIFFERENT",
                  String.join(" / ", digests)));
    }
    return equal;
  }

  private void stay() throws InterruptedException {
    stage.scene("Yours to try, until Ctrl-C");
    stage.say("console  http://" + cluster.hub().http());
    addresses.forEach((site, address) -> stage.say("%-8s %s".formatted(site, address)));
    stage.say("         (users postgres and root, no passwords)");
    stage.say("syncadm  --profile " + cluster.hub().dataDirectory().resolve("admin.yaml"));
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch cleaned = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  interrupted.countDown();
                  try {
                    cluster.close();
                  } finally {
                    cleaned.countDown();
                  }
                }));
    interrupted.await();
    cleaned.await();
  }

  private void update(String site, String sql) {
    String statement = sql.formatted(ORDER);
    stage.say("");
    stage.say("%-8s %s".formatted(site, statement));
    sites.get(site).execute(statement);
  }

  private void syncadm(String... arguments) {
    stage.command("syncadm " + String.join(" ", arguments));
    stage.print(syncadmQuietly(arguments));
  }

  private CommandResult syncadmQuietly(String... arguments) {
    return cluster.hub().syncadm(arguments).orThrow();
  }
}
