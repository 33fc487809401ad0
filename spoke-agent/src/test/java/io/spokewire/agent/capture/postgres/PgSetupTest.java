package io.spokewire.agent.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableProblem;
import io.spokewire.agent.schema.TableProblem.Severity;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableDescription.ForeignKey;
import io.spokewire.common.change.TableDescription.UniqueSet;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.testing.EmbeddedPostgres;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What join needs of a database: its catalogue, a publication, a slot with a snapshot. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 18})
class PgSetupTest {
  private static EmbeddedPostgres server;

  @Parameter int major;

  private PgTestSite site;

  @BeforeParameterizedClassInvocation
  static void startServer(int major) throws Exception {
    server = EmbeddedPostgres.start(major);
  }

  @AfterParameterizedClassInvocation
  static void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeSite() throws Exception {
    site = new PgTestSite(server);
  }

  @AfterEach
  void dropSite() throws Exception {
    site.close();
  }

  @Test
  void describesATableWithAllThatItsRowsMustObey() throws Exception {
    site.run(
        "create domain price as numeric(10,2) not null",
        "create schema sales",
        "create table sales.region (id int primary key)",
        "create table parent (code text primary key)",
        "create table item (b int not null, a int, cost price, gone int, mail varchar(40) unique,"
            + " twice int generated always as (b * 2) stored,"
            + " code text references parent, region int references sales.region,"
            + " primary key (a, b))",
        "alter table item drop column gone, replica identity full",
        "create unique index partial on item (code) where code is not null",
        "create unique index of_expression on item (lower(code))",
        "create unique index over_generated on item (twice)");

    LocalTable item = site.catalogue(site.scope("item")).find(new TableName("item")).orElseThrow();

    assertThat(item.schema().columns())
        .containsExactly(
            new Column("b", LogicalType.INTEGER, "integer", false),
            new Column("a", LogicalType.INTEGER, "integer", false),
            new Column("cost", LogicalType.DECIMAL, "price over numeric(10,2)", false),
            new Column("mail", LogicalType.TEXT, "character varying(40)", true),
            new Column("code", LogicalType.TEXT, "text", true),
            new Column("region", LogicalType.INTEGER, "integer", true));
    assertThat(item.schema().key()).containsExactly(1, 0);
    assertThat(item.description().uniqueSets())
        .containsExactly(new UniqueSet("item_mail_key", List.of("mail")));
    assertThat(item.description().foreignKeys())
        .containsExactly(
            new ForeignKey(
                "item_code_fkey", List.of("code"), new TableName("parent"), List.of("code")),
            new ForeignKey(
                "item_region_fkey",
                List.of("region"),
                new TableName("sales.region"),
                List.of("id")));
    assertThat(item.description().beforeImages()).isTrue();
  }

  @Test
  void saysWhatATableCanNotDo() throws Exception {
    site.run(
        "create table plain (id int primary key)",
        "create table keyless (v int)",
        "create unlogged table quick (id int primary key)",
        "create view looks as select 1 as id",
        "create table root (id int primary key) partition by range (id)",
        "create table leaf partition of root for values from (0) to (9)",
        "create table bare (id int primary key)",
        "alter table bare replica identity nothing",
        "create table generated_key (id int generated always as (v + 1) stored primary key, v"
            + " int)");

    TableCatalogue all = site.catalogue(site.scope("*", "nowhere"));
    TableCatalogue named = site.catalogue(site.scope("looks", "leaf", "plain"));

    assertThat(all.tables())
        .extracting(t -> t.table().name())
        .containsExactly("bare", "generated_key", "keyless", "plain", "root");
    assertThat(problem(all, "public.quick").severity()).isEqualTo(Severity.REFUSED);
    assertThat(problem(all, "public.quick").hint())
        .isEqualTo("ALTER TABLE \"public\".\"quick\" SET LOGGED");
    assertThat(problem(all, "public.keyless").reason()).contains("no key");
    assertThat(problem(all, "public.bare").reason()).contains("NOTHING");
    assertThat(problem(all, "public.generated_key").reason()).contains("generated");
    assertThat(problem(all, "public.plain").severity()).isEqualTo(Severity.LIMITED);
    assertThat(problem(all, "nowhere").severity()).isEqualTo(Severity.WARNING);
    assertThat(problem(named, "public.looks").reason()).contains("a view");
    assertThat(problem(named, "public.leaf").hint()).contains("public.root");
    assertThat(named.tables()).hasSize(1);
  }

  @Test
  void givesTheOwnerTheExactSqlForThePublication() throws Exception {
    site.run("create table a (id int primary key)", "create table \"B b\" (id int primary key)");
    List<LocalTable> tables = site.catalogue(site.scope("*")).tables();
    PgPublication publication = new PgPublication("spokewire_lisbon");
    try (Connection agent = site.asAgent.connect();
        Connection owner = site.asOwner.connect()) {
      List<String> sql = publication.missing(agent, tables);
      assertThatThrownBy(() -> publication.ensure(agent, tables))
          .isInstanceOfSatisfying(
              Fault.class, fault -> assertThat(fault.hint()).contains(sql.getFirst()));

      for (String statement : sql) {
        site.run(statement);
      }
      assertThat(publication.missing(agent, tables)).isEmpty();
      publication.ensure(agent, tables);

      site.run(
          "alter publication spokewire_lisbon drop table a",
          "alter publication spokewire_lisbon set (publish_via_partition_root = false)",
          "alter publication spokewire_lisbon set (publish = 'insert')");
      publication.ensure(owner, tables);
      assertThat(publication.missing(agent, tables)).isEmpty();

      // What filters rows or columns would lose changes unseen.
      site.run("alter publication spokewire_lisbon set table a where (id > 5), \"B b\" (id)");
      assertThat(publication.missing(agent, tables)).isNotEmpty();
      publication.ensure(owner, tables);
      assertThat(publication.missing(agent, tables)).isEmpty();
      publication.drop(owner);
      assertThat(publication.missing(agent, tables)).hasSize(1);
    }
  }

  @Test
  void seesWhichTablesAreEmptyExactlyWhereCaptureBegins() throws Exception {
    site.run(
        "create table empty (id int primary key)", "create table full_one (id int primary key)");
    site.run("insert into full_one values (1)");
    List<LocalTable> tables = site.catalogue(site.scope("*")).tables();
    PgSlot slot = new PgSlot(site.asAgent, site.name);
    try (PgSlot.Created created = slot.create();
        Connection agent = site.asAgent.connect()) {
      site.run("insert into empty values (1)");
      assertThat(new PgCatalogue(agent).emptyTables(tables, created.snapshot()))
          .containsExactly(new TableName("empty"));
      assertThat(created.start().isNone()).isFalse();
    }
    assertThat(slot.exists()).isTrue();
    assertThatThrownBy(slot::create)
        .isInstanceOf(Fault.class)
        .hasMessageContaining("exists already");
    slot.drop();
    slot.drop();
    assertThat(slot.exists()).isFalse();
    assertThat(PgSlot.nameFor(new SpokeId("new-york_2"))).isEqualTo("spokewire_new_york_2");
  }

  private static TableProblem problem(TableCatalogue catalogue, String place) {
    return catalogue.problems().stream()
        .filter(p -> p.place().equals(place))
        .findFirst()
        .orElseThrow(() -> new AssertionError(place + " not in " + catalogue.problems()));
  }
}
