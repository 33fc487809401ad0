package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.common.type.TypePairs;
import io.spokewire.deploy.cluster.Cluster;
import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.MySqlSite;
import io.spokewire.deploy.cluster.PostgresSite;
import io.spokewire.deploy.cluster.Programs;
import io.spokewire.testing.EdgeValues;
import io.spokewire.testing.EdgeValues.Type;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import io.spokewire.testing.NeedsServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Every type of an engine, with values at its edges, at two sites of that engine, or of two that
 * have the type in common: each row is bit for bit the same there, and so is what that site makes
 * of it at the first.
 */
class TypesWithinAnEngineTest {
  /** Added to the keys of rows that the other site copied. */
  private static final int COPY = 1000;

  private static final List<String> MADE_TYPES =
      List.of(
          "CREATE EXTENSION hstore",
          "CREATE EXTENSION citext",
          "CREATE EXTENSION ltree",
          "CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy')",
          "CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0)",
          "CREATE TYPE place AS (name text, at point, floor cents)");

  private static final List<Type> MADE =
      List.of(
          new Type("hstore", List.of("", "\"a\"=>NULL, \"b c\"=>\"=>\"")),
          new Type("citext", List.of("", "ÄbC")),
          new Type("ltree", List.of("", "Top.Science.Astronomy")),
          new Type("mood", List.of("sad", "it's ok", "happy")),
          new Type("mood[]", List.of("{}", "{sad,NULL,\"it's ok\"}")),
          new Type("cents", List.of("0", "9223372036854775807")),
          new Type("place", List.of("(,,)", "(\"a, \"\"b\"\"\",\"(1,2)\",3)")),
          new Type("place[]", List.of("{\"(a,\\\"(1,2)\\\",)\"}")));

  @Test
  void amongPostgresOfSeveralVersions() throws SQLException {
    List<Type> types = new ArrayList<>(EdgeValues.POSTGRES);
    types.addAll(MADE);
    try (Cluster cluster = cluster()) {
      PostgresSite lisbon = cluster.startSite("lisbon", 18, Map.of());
      PostgresSite porto = cluster.startSite("porto", 15, Map.of());
      for (PostgresSite site : List.of(lisbon, porto)) {
        site.execute(MADE_TYPES.toArray(String[]::new));
        site.createTables(tables(types));
        cluster.join(site, "both");
      }
      try (Connection connection = lisbon.connect();
          Statement statement = connection.createStatement()) {
        fill(statement, types, value -> "'" + value.replace("'", "''") + "'");
      }
      comesAndGoes(cluster, lisbon, porto, types, type -> "v::text COLLATE \"C\"");
    }
  }

  @Test
  @NeedsServer(Flavour.MARIADB)
  void amongMariaDbs() throws SQLException {
    List<Type> types = new ArrayList<>(EdgeValues.MYSQL);
    types.addAll(EdgeValues.MARIADB);
    amongMySqls(Flavour.MARIADB, Flavour.MARIADB, types);
  }

  @Test
  @NeedsServer(Flavour.MYSQL)
  void amongMySqls() throws SQLException {
    amongMySqls(Flavour.MYSQL, Flavour.MYSQL, EdgeValues.MYSQL);
  }

  @Test
  @NeedsServer(Flavour.MYSQL)
  void betweenMySqlAndMariaDb() throws SQLException {
    List<Type> exact =
        EdgeValues.MYSQL.stream()
            .filter(
                type ->
                    TypePairs.isExact(DatabaseEngine.MYSQL, DatabaseEngine.MARIADB, type.name()))
            .toList();
    assertThat(exact).hasSizeGreaterThan(35);
    amongMySqls(Flavour.MYSQL, Flavour.MARIADB, exact);
  }

  private static void amongMySqls(Flavour here, Flavour there, List<Type> types)
      throws SQLException {
    try (Cluster cluster = cluster()) {
      MySqlSite lisbon = cluster.startSite("lisbon", here);
      MySqlSite porto = cluster.startSite("porto", there);
      for (MySqlSite site : List.of(lisbon, porto)) {
        site.execute(tables(types));
        cluster.join(site, "both");
      }
      try (Connection connection = lisbon.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("SET sql_mode = ''"); // zero dates
        fill(statement, types, value -> value);
      }
      comesAndGoes(cluster, lisbon, porto, types, TypesWithinAnEngineTest::bytesInMySql);
    }
  }

  /** An expression that tells any two values apart; the server rounds a float's text. */
  private static String bytesInMySql(Type type) {
    return switch (type.name()) {
      case "float" -> "v + 0e0";
      case "point" -> "HEX(v)";
      default -> "HEX(CAST(v AS BINARY))";
    };
  }

  private static Cluster cluster() {
    Cluster cluster = new Cluster(Programs.ofClassPath(Path.of("src/main/dist/lib/jvm.options")));
    cluster.applyPlan("tables: ['*']\n");
    return cluster;
  }

  private static String[] tables(List<Type> types) {
    List<String> tables = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      tables.add("CREATE TABLE t%d (id int PRIMARY KEY, v %s)".formatted(i, types.get(i).name()));
    }
    return tables.toArray(String[]::new);
  }

  private interface Literal {
    String of(String value);
  }

  private static void fill(Statement statement, List<Type> types, Literal literal)
      throws SQLException {
    for (int i = 0; i < types.size(); i++) {
      int id = 1;
      for (String value : types.get(i).values()) {
        statement.execute("INSERT INTO t%d VALUES (%d, %s)".formatted(i, id++, literal.of(value)));
      }
      statement.execute("INSERT INTO t%d VALUES (%d, NULL)".formatted(i, id));
    }
  }

  private interface Exactly {
    String of(Type type);
  }

  private static void comesAndGoes(
      Cluster cluster, DatabaseSite first, DatabaseSite second, List<Type> types, Exactly exactly)
      throws SQLException {
    converged(cluster);
    try (Connection connection = second.connect();
        Statement statement = connection.createStatement()) {
      if (second instanceof MySqlSite) {
        statement.execute("SET sql_mode = ''");
      }
      for (int i = 0; i < types.size(); i++) {
        statement.execute("INSERT INTO t%1$d SELECT id + %2$d, v FROM t%1$d".formatted(i, COPY));
      }
    }
    converged(cluster);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      Type type = types.get(i);
      String rows = "SELECT %s FROM t%d WHERE id %s %d ORDER BY id";
      String value = exactly.of(type);
      List<String> written = first.rows(rows.formatted(value, i, "<", COPY));
      assertThat(written).as(type.name()).hasSize(type.values().size() + 1);
      for (DatabaseSite site : List.of(first, second)) {
        for (String range : List.of("<", ">")) {
          List<String> there = site.rows(rows.formatted(value, i, range, COPY));
          if (!there.equals(written)) {
            wrong.add(type.name() + " at " + site.name() + ": " + there + ", not " + written);
          }
        }
      }
    }
    assertThat(wrong).as(cluster.logTails()).isEmpty();
  }

  private static void converged(Cluster cluster) {
    assertThat(cluster.waitConverged("120s").exitCode()).as(cluster.logTails()).isZero();
  }
}
