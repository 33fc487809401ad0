package io.spokewire.agent.pipeline.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.common.change.TableDescription.Generator;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.testing.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences beside rows that came with numbers of their own. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 18})
class PgGeneratorsTest {
  @Parameter int major;
  private static EmbeddedPostgres server;
  private PgDatabase asAgent;
  private PgGenerators generators;

  @BeforeParameterizedClassInvocation
  static void start(int major) throws Exception {
    server = EmbeddedPostgres.start(major);
    run("create role agent login");
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeTables() throws Exception {
    Properties properties = new Properties();
    properties.setProperty("user", "agent");
    asAgent =
        new PgDatabase(
            "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres", properties, () -> "");
    run(
        "create table serials (id bigserial primary key, name text)",
        "create table stepped (\"Id\" int generated always as identity"
            + " (start with 3 increment by 10) primary key)",
        "create table loose (id serial, name text)",
        "grant select on all tables in schema public to agent",
        "grant usage, update on all sequences in schema public to agent");
    generators =
        new PgGenerators(
            asAgent,
            () ->
                List.of(
                    new LocalName("public", "serials"),
                    new LocalName("public", "stepped"),
                    new LocalName("public", "loose"),
                    new LocalName("public", "dropped meanwhile")));
  }

  @AfterEach
  void dropTables() throws Exception {
    generators.close();
    run("drop table serials, stepped, loose");
  }

  @Test
  void aSequenceGoesOnBehindTheNumbersThatOthersGave() throws Exception {
    run("insert into serials values (1, 'theirs'), (7, 'theirs')");
    generators.follow();
    assertThat(query("insert into serials (name) values ('ours') returning id")).isEqualTo("8");
    generators.follow();
    assertThat(query("insert into serials (name) values ('ours') returning id")).isEqualTo("9");
  }

  @Test
  void itKeepsToItsOwnNumbers() throws Exception {
    run("insert into stepped overriding system value values (11), (24)");
    generators.follow();
    assertThat(query("insert into stepped default values returning \"Id\"")).isEqualTo("33");
    run("insert into stepped overriding system value values (43)");
    generators.follow();
    assertThat(query("insert into stepped default values returning \"Id\"")).isEqualTo("53");
  }

  @Test
  void aWideGapIsCrossedAtOnceAndNeverBack() throws Exception {
    run("insert into stepped overriding system value values (2000000001)");
    generators.follow();
    assertThat(query("select nextval('\"stepped_Id_seq\"')")).isEqualTo("2000000003");
    run("delete from stepped");
    generators.follow();
    assertThat(query("select nextval('\"stepped_Id_seq\"')")).isEqualTo("2000000013");
  }

  @Test
  void whatIsAheadOrEmptyOrMayNotBeMovedOrFoundIsLeftAlone() throws Exception {
    run("select setval('serials_id_seq', 100)", "insert into serials values (50)");
    run("insert into loose values (99)", "revoke update on sequence \"stepped_Id_seq\" from agent");
    run("insert into stepped overriding system value values (77)");
    generators.follow();
    assertThat(query("select nextval('serials_id_seq')")).isEqualTo("101");
    assertThat(query("select nextval('loose_id_seq')")).as("no index").isEqualTo("1");
    assertThat(query("select nextval('\"stepped_Id_seq\"')")).as("no right").isEqualTo("3");
  }

  @Test
  void theCatalogueSaysWhichNumbersASiteGives() throws Exception {
    run("insert into serials (name) select 'x' from generate_series(1, 20)");
    query("select nextval('\"stepped_Id_seq\"'), nextval('\"stepped_Id_seq\"')");
    run(
        "alter sequence loose_id_seq increment by -7 minvalue -2000 maxvalue -3 start with -5"
            + " restart with -5",
        "insert into loose (name) values ('x'), ('y')");
    try (Connection connection = asAgent.connect()) {
      TableScope scope = new TableScope(List.of(new TablePattern("*")), "public");
      assertThat(new PgCatalogue(connection).read(scope, Set.of()).tables())
          .flatExtracting(t -> t.description().generators())
          .containsExactlyInAnyOrder(
              new Generator("id", 1, 1, Long.MAX_VALUE),
              new Generator("Id", 3, 10, Integer.MAX_VALUE),
              new Generator("id", -5, -7, -2_000));
    }
  }

  private static void run(String... sql) throws SQLException {
    for (String command : sql) {
      query(command);
    }
  }

  private static String query(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl("postgres"));
        Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return "";
      }
      try (ResultSet row = statement.getResultSet()) {
        return row.next() ? String.valueOf(row.getString(1)) : "";
      }
    }
  }
}
