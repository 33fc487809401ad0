package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.CommandResult;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Three real databases are asked to hold together what none of them could hold alone. The writes
 * meet because one site is paused while it and another one write.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrossRowsOnSitesTest {
  private static final String[] DDL = {
    "CREATE TABLE people (id int PRIMARY KEY, email text UNIQUE)",
    "CREATE TABLE orders (id int PRIMARY KEY, note text)",
    "CREATE TABLE lines (id int PRIMARY KEY, \"order\" int NOT NULL REFERENCES orders)",
    "CREATE TABLE shelves (id int PRIMARY KEY, note text)",
    "CREATE TABLE books (id int PRIMARY KEY, shelf int NOT NULL REFERENCES shelves)",
    "CREATE TABLE spans (id int PRIMARY KEY, low int, high int, CHECK (low < high))",
    "CREATE TABLE badges (id int PRIMARY KEY, holder text)",
    "CREATE TABLE parts (id int PRIMARY KEY, note text)"
  };
  private static final List<String> TABLES =
      List.of("people", "orders", "lines", "shelves", "books", "spans", "badges", "parts");
  private Cluster cluster;
  private final List<PostgresSite> sites = new ArrayList<>();
  private PostgresSite lisbon;
  private PostgresSite porto;

  @BeforeAll
  void startEverything() {
    cluster = new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")));
    cluster.applyPlan(
        """
        tables: ['*']
        conflict_resolution:
          tables:
            people: {unique: null_loser}
            lines: {foreign_key: park_child}
            books: {foreign_key: restore_parent}
        """);
    for (String name : List.of("lisbon", "porto", "faro")) {
      PostgresSite site = cluster.startSite(name, name.equals("porto") ? 15 : 18, Map.of());
      site.createTables(DDL);
      cluster.join(site, "both");
      sites.add(site);
    }
    lisbon = cluster.site("lisbon");
    porto = cluster.site("porto");
    lisbon.execute(
        "INSERT INTO orders VALUES (1, 'first'), (2, 'second')",
        "INSERT INTO shelves VALUES (1, 'first'), (2, 'second')",
        "INSERT INTO spans VALUES (1, 10, 20)",
        "INSERT INTO badges VALUES (1, 'ana')");
    converge();
  }

  @AfterAll
  void stopEverything() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @AfterEach
  void showLogsOfWhatDidNotConverge() {
    if (cluster.waitConverged("1s").exitCode() != 0) {
      System.err.println(cluster.logTails());
    }
  }

  @Test
  void aUniqueValueGivenAtTwoSitesStaysWithOneOfThem() {
    meanwhile(
        "INSERT INTO people VALUES (1, 'ann@x')", // at lisbon
        "INSERT INTO people VALUES (2, 'ann@x')");
    assertThat(rows("SELECT id || ' ' || coalesce(email, 'none') FROM people ORDER BY id"))
        .isEqualTo("1 none, 2 ann@x");
    assertThat(kinds("people")).containsExactly("unique_violation");
  }

  @Test
  void aChildOfADeletedParentIsTakenOut() {
    meanwhile("DELETE FROM orders WHERE id = 1", "INSERT INTO lines VALUES (11, 1)");
    meanwhile("INSERT INTO lines VALUES (12, 2)", "DELETE FROM orders WHERE id = 2");
    assertThat(rows("SELECT id FROM orders")).isEmpty();
    assertThat(rows("SELECT id FROM lines")).isEmpty();
    assertThat(kinds("lines")).containsExactly("fk_child_exists", "fk_parent_missing");
  }

  @Test
  void aParentDeletedWhileAChildCameIsBack() {
    meanwhile("DELETE FROM shelves WHERE id = 1", "INSERT INTO books VALUES (11, 1)");
    meanwhile("INSERT INTO books VALUES (12, 2)", "DELETE FROM shelves WHERE id = 2");
    assertThat(rows("SELECT id || ' ' || note FROM shelves ORDER BY id"))
        .isEqualTo("1 first, 2 second");
    assertThat(rows("SELECT id || ' ' || shelf FROM books ORDER BY id")).isEqualTo("11 1, 12 2");
    assertThat(kinds("shelves")).containsExactly("fk_child_exists", "fk_parent_missing");
  }

  @Test
  void twoColumnsThatNoRowMayHoldTogetherAreTakenApart() {
    meanwhile("UPDATE spans SET low = 18 WHERE id = 1", "UPDATE spans SET high = 12 WHERE id = 1");
    assertThat(rows("SELECT low || ' ' || high FROM spans")).isIn("18 20", "10 12");
    assertThat(kinds("spans")).containsExactly("check_violation_after_merge");
  }

  @Test
  void aRowRenumberedAtTwoSitesKeepsOneKey() {
    meanwhile("UPDATE badges SET id = 101 WHERE id = 1", "UPDATE badges SET id = 102 WHERE id = 1");
    assertThat(rows("SELECT id || ' ' || holder FROM badges")).isEqualTo("102 ana");
    assertThat(kinds("badges")).containsExactly("update_pkey_concurrent");
  }

  @Test
  void aTruncateTakesWhatItsSiteKnewAndNothingElse() {
    lisbon.execute("INSERT INTO parts VALUES (1, 'old'), (2, 'old')");
    converge();
    meanwhile(
        "BEGIN; TRUNCATE parts; INSERT INTO parts VALUES (3, 'reloaded'); COMMIT",
        "UPDATE parts SET note = 'late' WHERE id = 2; INSERT INTO parts VALUES (4, 'new')");
    assertThat(rows("SELECT id || ' ' || note FROM parts ORDER BY id"))
        .isEqualTo("3 reloaded, 4 new");
    assertThat(kinds("parts")).containsExactly("truncate_concurrent");
    porto.execute("UPDATE parts SET note = 'mine' WHERE id = 4");
    meanwhile("UPDATE parts SET note = 'late' WHERE id = 3", "TRUNCATE parts");
    assertThat(rows("SELECT id FROM parts")).isEmpty();
  }

  /** Both sites write before either has seen the other's; porto's write reaches the hub later. */
  private void meanwhile(String atLisbon, String atPorto) {
    cluster.hub().syncadm("topology", "pause", "porto").orThrow();
    lisbon.execute(atLisbon);
    porto.execute(atPorto);
    cluster.hub().syncadm("topology", "resume", "porto").orThrow();
    converge();
  }

  private void converge() {
    CommandResult wait = cluster.waitConverged("60s");
    assertThat(wait.exitCode()).as(wait.out() + wait.err()).isZero();
    for (PostgresSite site : sites) {
      for (String table : TABLES) {
        assertThat(site.digest(table))
            .as("%s at %s", table, site.name())
            .isEqualTo(lisbon.digest(table));
      }
      assertThat(site.query("SELECT count(*) FROM spokewire.parked"))
          .as("rows set aside at " + site.name())
          .isEqualTo("0");
    }
    for (JsonNode spoke : Cluster.json(cluster.hub().syncadm("topology", "list", "-o", "json"))) {
      assertThat(spoke.get("parked").asInt()).as(spoke.toString()).isZero();
    }
  }

  private String rows(String query) {
    return lisbon.query("SELECT array_to_string(ARRAY(%s), ', ')".formatted(query));
  }

  private Set<String> kinds(String table) {
    Set<String> kinds = new TreeSet<>();
    for (JsonNode conflict :
        Cluster.json(cluster.hub().syncadm("conflicts", "list", "--table", table, "-o", "json"))) {
      kinds.add(conflict.get("kind").asText());
    }
    return kinds;
  }
}
