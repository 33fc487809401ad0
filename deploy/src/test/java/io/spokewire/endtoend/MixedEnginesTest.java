package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.MySqlSite;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import io.spokewire.testing.EmbeddedMySql;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** PostgreSQL, MariaDB and, where it is there, MySQL: real servers and programs, all write. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MixedEnginesTest {
  private static final String PLAN =
      """
      tables: [item, case_of, ticket]
      conflict_resolution:
        strategies:
          - name: last_write_wins
          - name: items
            rules:
              - {field: stock, strategy: sum}
              - {field: best, strategy: max}
          - name: every_rule
            rules:
              - {field: added, strategy: sum}
              - {field: highest, strategy: max}
              - {field: lowest, strategy: min}
              - {field: status, strategy: priority_order, order: [active, pending, inactive]}
              - {field: earliest, strategy: first_write_wins}
              - {field: ranked, strategy: source_priority, order: [lisbon, mariadb, mysql]}
              - {field: tags, strategy: union}
              - {field: judged, strategy: manual}
        tables:
          item: items
          case_of: {strategy: every_rule, delete: update_wins}
      """;

  private static final String ITEM_IN_POSTGRES =
      "CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL, price numeric(12,2),"
          + " stock bigint NOT NULL, best int NOT NULL, sold boolean NOT NULL,"
          + " made timestamp(6), seen timestamptz(6), photo bytea, weight double precision)";

  private static final String ITEM_IN_MYSQL =
      "CREATE TABLE item (id bigint PRIMARY KEY, name longtext NOT NULL,"
          + " price decimal(12,2), stock bigint NOT NULL, best int NOT NULL,"
          + " sold tinyint(1) NOT NULL, made datetime(6), seen timestamp(6) NULL,"
          + " photo longblob, weight double)";

  /** One column for each rule; the last is for the default. */
  private static final String CASE =
      "CREATE TABLE case_of (id int PRIMARY KEY, added bigint, highest int, lowest int,"
          + " status varchar(10), earliest varchar(30), ranked varchar(30), tags %s,"
          + " judged varchar(30), latest varchar(30))";

  private Cluster cluster;
  private PostgresSite lisbon;
  private final List<MySqlSite> others = new ArrayList<>();
  private final List<DatabaseSite> sites = new ArrayList<>();

  @BeforeAll
  void startEverything() {
    cluster = new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")));
    cluster.applyPlan(PLAN);
    lisbon = cluster.startSite("lisbon", 18, Map.of());
    lisbon.createTables(
        ITEM_IN_POSTGRES,
        CASE.formatted("jsonb"),
        "CREATE TABLE ticket (id serial PRIMARY KEY, holder varchar(30))");
    lisbon.execute("GRANT USAGE, UPDATE ON SEQUENCE ticket_id_seq TO spokewire");
    cluster.join(lisbon, "both");
    sites.add(lisbon);
    for (EmbeddedMySql.Flavour flavour : EmbeddedMySql.Flavour.values()) {
      if (EmbeddedMySql.obstacle(flavour).isEmpty()) {
        MySqlSite site = cluster.startSite(flavour.name().toLowerCase(Locale.ROOT), flavour);
        site.execute(
            ITEM_IN_MYSQL,
            CASE.formatted("json"),
            "CREATE TABLE ticket (id int AUTO_INCREMENT PRIMARY KEY, holder varchar(30))");
        cluster.join(site, "both");
        others.add(site);
        sites.add(site);
      }
    }
    assertThat(others).isNotEmpty();
  }

  @AfterAll
  void stopEverything() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Order(1)
  void aRowOfEachSiteIsTheSameEverywhere() {
    lisbon.execute(
        "INSERT INTO item VALUES (1, 'pão de ló 🍰', 12.50, 3, 1, true,"
            + " '2026-11-23 07:00:00.123456', '2026-11-23 07:00:00.654321+00', '\\x00ff5c', 0.1)");
    for (MySqlSite site : others) {
      site.execute(
          "INSERT INTO item VALUES (%d, 'bolo ''do'' %s', NULL, -1, 2, 0,"
                  .formatted(10 + others.indexOf(site), site.name())
              + " '1999-12-31 23:59:59.999999', '2001-02-03 04:05:06.000007', x'0001', -2.5)");
    }
    converge();
    assertThat(items(lisbon)).hasSize(1 + others.size());
  }

  @Test
  @Order(2)
  void changesAtAllSitesAtOnceAreSettledByEveryRule() {
    lisbon.execute(
        "INSERT INTO case_of VALUES (1, 100, 1, 50, 'pending', 'base', 'base', '[\"base\"]',"
            + " 'base', 'base')");
    converge();
    sites.forEach(site -> topology("pause", site));
    for (int i = sites.size() - 1; i >= 0; i--) {
      DatabaseSite site = sites.get(i);
      site.execute(
          ("UPDATE case_of SET added = added + %1$d, highest = %2$d, lowest = %3$d,"
                  + " status = '%4$s', earliest = '%5$s', ranked = '%5$s',"
                  + " tags = '[\"base\", \"%5$s\"]', judged = '%5$s', latest = '%5$s'"
                  + " WHERE id = 1")
              .formatted(i + 1, 10 + i, 20 - i, i == 1 ? "active" : "inactive", site.name()));
    }
    sites.forEach(site -> topology("resume", site));
    converge();
    int n = sites.size();
    assertThat(lisbon.query("SELECT added FROM case_of")).isEqualTo("" + (100 + n * (n + 1) / 2));
    assertThat(lisbon.query("SELECT highest FROM case_of")).isEqualTo("" + (10 + n - 1));
    assertThat(lisbon.query("SELECT lowest FROM case_of")).isEqualTo("" + (20 - (n - 1)));
    assertThat(lisbon.query("SELECT status FROM case_of")).isEqualTo("active");
    assertThat(lisbon.query("SELECT ranked FROM case_of")).isEqualTo("lisbon");
    assertThat(lisbon.query("SELECT tags FROM case_of")).contains("base");
    for (DatabaseSite site : sites) {
      assertThat(lisbon.query("SELECT tags FROM case_of")).contains('"' + site.name() + '"');
    }
    // Commit times differ, by a second at most where MariaDB has nothing finer.
    assertThat(sites)
        .extracting(DatabaseSite::name)
        .contains(
            lisbon.query("SELECT earliest FROM case_of"),
            lisbon.query("SELECT latest FROM case_of"));
    JsonNode open = conflicts("--state", "open", "--field", "judged");
    assertThat(open).isNotEmpty();
    for (JsonNode one : open) {
      String id = one.get("id").asText();
      cluster.hub().syncadm("conflicts", "decide", id, "--value", "a person").orThrow();
    }
    converge();
    for (DatabaseSite site : sites) {
      assertThat(site.query("SELECT judged FROM case_of")).isEqualTo("a person");
    }
    for (String field :
        List.of("highest", "lowest", "status", "earliest", "ranked", "tags", "latest")) {
      assertThat(conflicts("--field", field)).as(field).isNotEmpty();
    }
    assertThat(conflicts("--field", "added")).as("sums never conflict").isEmpty();
  }

  @Test
  @Order(3)
  void deletesAndChangesOfKeysTravel() {
    lisbon.execute("DELETE FROM item WHERE id = 1");
    others.getFirst().execute("UPDATE item SET id = 20 WHERE id = 10");
    converge();
    assertThat(lisbon.query("SELECT count(*) FROM item WHERE id IN (1, 10)")).isEqualTo("0");
    assertThat(lisbon.query("SELECT count(*) FROM item WHERE id = 20")).isEqualTo("1");
  }

  @Test
  @Order(4)
  void aDeleteMeetsAnUpdateOfAnotherEngine() {
    DatabaseSite other = others.getFirst();
    lisbon.execute("INSERT INTO item VALUES (30, 'gone', 1, 1, 1, false)");
    lisbon.execute("INSERT INTO case_of (id, latest) VALUES (2, 'stays')");
    converge();
    topology("pause", other);
    lisbon.execute("UPDATE item SET name = 'changed' WHERE id = 30");
    lisbon.execute("DELETE FROM case_of WHERE id = 2");
    other.execute("DELETE FROM item WHERE id = 30");
    other.execute("UPDATE case_of SET latest = 'changed' WHERE id = 2");
    topology("resume", other);
    converge();
    assertThat(lisbon.query("SELECT count(*) FROM item WHERE id = 30")).isEqualTo("0");
    assertThat(lisbon.query("SELECT latest FROM case_of WHERE id = 2")).isEqualTo("changed");
  }

  @Test
  @Order(5)
  void aSiteNumbersItsRowsBehindThoseOfTheOthers() {
    long before = Long.parseLong(lisbon.query("SELECT count(*) FROM ticket"));
    assertThat(before).isZero();
    for (DatabaseSite site : sites) {
      site.execute("INSERT INTO ticket (holder) VALUES ('" + site.name() + "')");
      converge();
    }
    String most = "" + sites.size();
    assertThat(lisbon.query("SELECT max(id) FROM ticket")).isEqualTo(most);
    Awaitility.await("the sequence was moved on")
        .untilAsserted(
            () -> assertThat(lisbon.query("SELECT last_value FROM ticket_id_seq")).isEqualTo(most));
    lisbon.execute("INSERT INTO ticket (holder) VALUES ('once more')");
    converge();
    assertThat(lisbon.query("SELECT string_agg(id || ' ' || holder, ', ' ORDER BY id) FROM ticket"))
        .startsWith("1 lisbon, 2 mariadb")
        .endsWith((sites.size() + 1) + " once more");
    assertThat(cluster.applyPlan(PLAN).out())
        .contains("ticket.id: the same numbers are given at lisbon (1, 2, ...) and mariadb (1, 2,");
  }

  @Test
  @Order(6)
  void agentsThatWereKilledGoOnWhereTheyWere() {
    lisbon.execute("INSERT INTO item VALUES (2, 'x', 1, 100, 0, false)");
    converge();
    int id = 100;
    for (MySqlSite site : others) {
      for (int i = 0; i < 30; i++) {
        site.execute(
            "INSERT INTO item VALUES (" + id++ + ", 'n', 1, 1, 1, 1, NULL, NULL, NULL, 0)");
        lisbon.execute("UPDATE item SET stock = stock + 1 WHERE id = 2");
        if (i == 10) {
          site.agent().kill9();
        }
        if (i == 20) {
          site.startAgent();
        }
      }
    }
    converge();
    assertThat(lisbon.query("SELECT count(*) FROM item WHERE id >= 100"))
        .isEqualTo("" + (id - 100));
    assertThat(lisbon.query("SELECT stock FROM item WHERE id = 2")).isEqualTo("" + id);
  }

  @Test
  @Order(7)
  void agentsFindTheirWayBackToADatabaseThatCrashed() throws Exception {
    lisbon.execute("INSERT INTO item VALUES (3, 'x', 1, 0, 0, false)");
    converge();
    int added = 0;
    for (DatabaseSite crashing : sites) {
      for (DatabaseSite site : sites) {
        site.execute("UPDATE item SET stock = stock + 1 WHERE id = 3");
        added++;
      }
      crashing.killDatabase();
      for (DatabaseSite site : sites) {
        if (site != crashing) {
          site.execute("UPDATE item SET stock = stock + 1 WHERE id = 3");
          added++;
        }
      }
      crashing.restartDatabase();
      crashing.execute("UPDATE item SET stock = stock + 1 WHERE id = 3");
      added++;
    }
    converge();
    assertThat(lisbon.query("SELECT stock FROM item WHERE id = 3")).isEqualTo("" + added);
    for (DatabaseSite site : sites) {
      assertThat(site.agent().isAlive()).isTrue();
    }
  }

  @Test
  @Order(8)
  void aBinlogThatWasPurgedUnreadIsSaidLoudly() {
    MySqlSite site = others.getLast();
    site.agent().kill9();
    site.execute("INSERT INTO item VALUES (4, 'unread', 1, 1, 1, 1, NULL, NULL, NULL, 0)");
    site.execute("FLUSH BINARY LOGS", "PURGE BINARY LOGS BEFORE now() + INTERVAL 1 DAY");
    site.startAgent();
    Awaitility.await(site.name() + " needs a resync")
        .untilAsserted(
            () -> {
              JsonNode shown =
                  Cluster.json(
                      cluster.hub().syncadm("topology", "show", site.name(), "-o", "json"));
              assertThat(shown.get("state").asText()).isEqualTo("needs_resync");
              assertThat(shown.get("reason").asText()).contains("purged binlogs");
            });
    sites.remove(site);
    others.remove(site);
  }

  private void topology(String verb, DatabaseSite site) {
    cluster.hub().syncadm("topology", verb, site.name()).orThrow();
  }

  private JsonNode conflicts(String... filter) {
    List<String> command = new ArrayList<>(List.of("conflicts", "list", "-o", "json"));
    command.addAll(List.of(filter));
    return Cluster.json(cluster.hub().syncadm(command.toArray(String[]::new)));
  }

  private void converge() {
    CommandResult wait = cluster.waitConverged("60s");
    assertThat(wait.exitCode()).as(wait.out() + wait.err() + cluster.logTails()).isZero();
    for (MySqlSite site : others) {
      assertThat(items(site)).as("item at " + site.name()).isEqualTo(items(lisbon));
      assertThat(cases(site)).as("case_of at " + site.name()).isEqualTo(cases(lisbon));
    }
  }

  private static List<String> items(PostgresSite site) {
    return site.rows(
        "SELECT concat_ws('|', id, name, coalesce(price::text, '-'), stock, best, sold::int,"
            + " coalesce(to_char(made, 'YYYY-MM-DD HH24:MI:SS.US'), '-'),"
            + " coalesce(to_char(seen AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '-'),"
            + " coalesce(upper(encode(photo, 'hex')), '-'), weight) FROM item ORDER BY id");
  }

  private static List<String> items(MySqlSite site) {
    return site.rows(
        "SELECT concat_ws('|', id, name, coalesce(price, '-'), stock, best, sold,"
            + " coalesce(date_format(made, '%Y-%m-%d %H:%i:%s.%f'), '-'),"
            + " coalesce(date_format(convert_tz(seen, @@session.time_zone, '+00:00'),"
            + " '%Y-%m-%d %H:%i:%s.%f'), '-'), coalesce(hex(photo), '-'), weight)"
            + " FROM item ORDER BY id");
  }

  private static List<String> cases(DatabaseSite site) {
    String tags = site instanceof PostgresSite ? "tags::text" : "tags";
    return site.rows(
        "SELECT concat_ws('|', id, added, highest, lowest, status, earliest, ranked, replace("
            + tags
            + ", ' ', ''), judged, latest) FROM case_of ORDER BY id");
  }
}
