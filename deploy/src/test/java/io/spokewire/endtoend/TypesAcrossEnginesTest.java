package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.common.type.TypePairs;
import io.spokewire.common.type.TypePairs.Pair;
import io.spokewire.common.type.Verdict;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.MySqlSite;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.NeedsServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Every pair of types that the rules let through, with values at the edges of both: each value goes
 * to the other engine and comes back as it was, or its row is set aside where it does not fit.
 */
class TypesAcrossEnginesTest {
  /** Added to the keys of rows that the other site copied. */
  private static final int COPY = 1000;

  private static final String ARROW = " came back as ";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  /** The first key of values that are the other engine's. */
  private static final int OTHERS = 100;

  @Test
  @NeedsServer(EmbeddedMySql.Flavour.MARIADB)
  void betweenPostgresAndMariaDb() throws SQLException {
    valuesComeBackOrAreSetAside(EmbeddedMySql.Flavour.MARIADB, DatabaseEngine.MARIADB);
  }

  @Test
  @NeedsServer(EmbeddedMySql.Flavour.MYSQL)
  void betweenPostgresAndMySql() throws SQLException {
    valuesComeBackOrAreSetAside(EmbeddedMySql.Flavour.MYSQL, DatabaseEngine.MYSQL);
  }

  private static void valuesComeBackOrAreSetAside(
      EmbeddedMySql.Flavour flavour, DatabaseEngine engine) throws SQLException {
    List<Pair> pairs = TypePairs.of(engine);
    assertThat(pairs).hasSizeGreaterThan(30);
    try (Cluster cluster =
        new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")))) {
      cluster.applyPlan("tables: ['*']\n");
      PostgresSite lisbon = cluster.startSite("lisbon", 18, Map.of());
      MySqlSite other = cluster.startSite("other", flavour);
      String fence = "CREATE TABLE fence (id int PRIMARY KEY)";
      List<String> here = new ArrayList<>(List.of(fence));
      List<String> there = new ArrayList<>(List.of(fence));
      for (int i = 0; i < pairs.size(); i++) {
        String table = "CREATE TABLE t%d (id int PRIMARY KEY, v %s)";
        here.add(table.formatted(i, pairs.get(i).postgres().name()));
        there.add(table.formatted(i, pairs.get(i).other().name()));
      }
      lisbon.createTables(here.toArray(String[]::new));
      other.execute(there.toArray(String[]::new));
      cluster.join(lisbon, "both");
      cluster.join(other, "both");

      fill(lisbon, other, pairs);
      everythingArrives(0, lisbon, other);
      copy(other, pairs.size(), "id < " + OTHERS);
      copy(lisbon, pairs.size(), "id BETWEEN " + OTHERS + " AND " + (COPY - 1));
      everythingArrives(1, lisbon, other);

      List<String> wrong = new ArrayList<>();
      for (int i = 0; i < pairs.size(); i++) {
        wrong.addAll(changed(lisbon, other, i, pairs.get(i)));
        wrong.addAll(lost(lisbon, other, i, pairs.get(i)));
        wrong.addAll(lost(other, lisbon, i, pairs.get(i)));
      }
      assertThat(wrong).as(cluster.logTails()).isEmpty();
    }
  }

  private static void fill(PostgresSite lisbon, MySqlSite other, List<Pair> pairs)
      throws SQLException {
    try (Connection a = lisbon.connect();
        Connection b = other.connect();
        Statement here = a.createStatement();
        Statement there = b.createStatement()) {
      there.execute("SET sql_mode = ''"); // zero dates
      for (int i = 0; i < pairs.size(); i++) {
        int id = 1;
        for (String value : pairs.get(i).postgres().values()) {
          here.execute(
              "INSERT INTO t%d VALUES (%d, '%s')".formatted(i, id++, value.replace("'", "''")));
        }
        id = OTHERS;
        for (String value : pairs.get(i).other().values()) {
          there.execute("INSERT INTO t%d VALUES (%d, %s)".formatted(i, id++, value));
        }
        here.execute("INSERT INTO t%d VALUES (%d, NULL)".formatted(i, OTHERS - 1));
      }
    }
  }

  private static void copy(DatabaseSite at, int tables, String which) throws SQLException {
    try (Connection connection = at.connect();
        Statement statement = connection.createStatement()) {
      if (at instanceof MySqlSite) {
        statement.execute("SET sql_mode = ''");
      }
      for (int i = 0; i < tables; i++) {
        statement.execute(
            "INSERT INTO t%1$d SELECT id + %2$d, v FROM t%1$d WHERE %3$s"
                .formatted(i, COPY, which));
      }
    }
  }

  /** What is set aside keeps {@code wait} from ending, so rows behind everything tell. */
  private static void everythingArrives(int round, DatabaseSite... sites) {
    for (int i = 0; i < sites.length; i++) {
      sites[i].execute("INSERT INTO fence VALUES (" + (round * sites.length + i) + ")");
    }
    for (DatabaseSite site : sites) {
      Awaitility.await("round " + round + " at " + site.name())
          .atMost(Duration.ofMinutes(3))
          .until(
              () ->
                  site.query("SELECT count(*) FROM fence")
                      .equals(Integer.toString((round + 1) * sites.length)));
    }
  }

  /** Values that are not what they were, after they had been to the other site. */
  private static List<String> changed(PostgresSite lisbon, MySqlSite other, int table, Pair pair) {
    String copies = " FROM t%1$d a JOIN t%1$d b ON b.id = a.id + %2$d".formatted(table, COPY);
    List<String> here =
        lisbon.rows(
            "SELECT coalesce(a.v::text, 'NULL') || '%s' || coalesce(b.v::text, 'NULL')%s"
                    .formatted(ARROW, copies)
                + " WHERE a.v::text IS DISTINCT FROM b.v::text AND a.id < "
                + OTHERS);
    List<String> there =
        other.rows(
            "SELECT concat(CAST(a.v AS CHAR), '%s', CAST(b.v AS CHAR))%s".formatted(ARROW, copies)
                + " WHERE NOT CAST(a.v AS BINARY) <=> CAST(b.v AS BINARY) AND a.id >= "
                + OTHERS);
    here.removeIf(text -> isOneJson(pair.there(), pair, text));
    there.removeIf(text -> isOneJson(pair.back(), pair, text));
    List<String> wrong = new ArrayList<>();
    here.forEach(
        text -> wrong.add(pair.postgres().name() + ", " + pair.other().name() + ": " + text));
    there.forEach(
        text -> wrong.add(pair.other().name() + ", " + pair.postgres().name() + ": " + text));
    return wrong;
  }

  /** What is only widened may be written otherwise: other spaces, keys in another order. */
  private static boolean isOneJson(Verdict verdict, Pair pair, String text) {
    if (verdict instanceof Verdict.Exact || !pair.postgres().name().startsWith("json")) {
      return false;
    }
    try {
      JsonNode before = JSON.readTree(text.substring(0, text.indexOf(ARROW)));
      JsonNode after = JSON.readTree(text.substring(text.indexOf(ARROW) + ARROW.length()));
      return before.equals(TypesAcrossEnginesTest::compareLeaves, after);
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static int compareLeaves(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber()
        ? a.decimalValue().compareTo(b.decimalValue())
        : a.equals(b) ? 0 : 1;
  }

  /** Rows of a site that the other one neither has nor has set aside. */
  private static List<String> lost(DatabaseSite from, DatabaseSite to, int table, Pair pair) {
    List<String> missing = new ArrayList<>(from.rows("SELECT id FROM t" + table));
    missing.removeAll(to.rows("SELECT id FROM t" + table));
    String aside =
        to.query("SELECT count(*) FROM spokewire.parked WHERE table_name = 't" + table + "'");
    return aside.equals(Integer.toString(missing.size()))
        ? List.of()
        : List.of(
            "%s and %s: rows %s of %s are missing at %s, which set %s aside"
                .formatted(
                    pair.postgres().name(),
                    pair.other().name(),
                    missing,
                    from.name(),
                    to.name(),
                    aside));
  }
}
