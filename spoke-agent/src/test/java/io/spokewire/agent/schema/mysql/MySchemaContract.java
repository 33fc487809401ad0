package io.spokewire.agent.schema.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableProblem;
import io.spokewire.agent.schema.TableProblem.Severity;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableDescription.ForeignKey;
import io.spokewire.common.change.TableDescription.UniqueSet;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.TableName;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Sessions, catalogue and values of both servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MySchemaContract {
  private final Flavour flavour;
  private EmbeddedMySql server;
  protected MyTestSite site;

  MySchemaContract(Flavour flavour) {
    this.flavour = flavour;
  }

  @BeforeAll
  void startServer() throws Exception {
    server = EmbeddedMySql.start(flavour, MyTestSite.STRANGE_DEFAULTS);
  }

  @AfterAll
  void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeSite() throws Exception {
    site = new MyTestSite(server);
  }

  @AfterEach
  void dropSite() throws Exception {
    site.close();
  }

  @Test
  void pinsWhatValuesMeanWhateverTheServerIsSetTo() throws Exception {
    try (Connection connection = site.asAgent.connect();
        var statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select @@sql_mode, @@time_zone, @@character_set_client, @@foreign_key_checks,"
                    + " @@character_set_results")) {
      row.next();
      assertThat(row.getString(1)).contains("STRICT_ALL_TABLES").doesNotContain("ANSI");
      assertThat(row.getString(2)).isEqualTo("+00:00");
      assertThat(row.getString(3)).isEqualTo("utf8mb4");
      assertThat(row.getInt(4)).isEqualTo(1);
      assertThat(row.getString(5)).isEqualTo("utf8mb4");
    }
    assertThat(site.asAgent.host()).isEqualTo("127.0.0.1");
    assertThat(site.asAgent.port()).isEqualTo(server.port());
    assertThat(site.asAgent.name()).isEqualTo(site.name);
  }

  @Test
  void knowsItsFlavour() throws Exception {
    try (Connection connection = site.asAgent.connect()) {
      assertThat(MyFlavour.of(connection).name()).isEqualTo(flavour.name());
      assertThat(new MyCatalogue(connection).defaultSchema()).isEqualTo(site.name);
    }
  }

  @Test
  void saysWhatAnErrorMeans() {
    Session nobody = new Session(as("nobody"));
    assertFault(nobody, "select 1", FaultKind.REFUSED, false);
    Session agent = new Session(site.asAgent);
    assertFault(agent, "create table t (id int)", FaultKind.REFUSED, false);
    assertFault(agent, "select nonsense", FaultKind.INTERNAL, false);
    agent.close();
    Session nowhere =
        new Session(new MyDatabase("jdbc:mysql://127.0.0.1:1/x", new Properties(), () -> ""));
    assertFault(nowhere, "select 1", FaultKind.UNREACHABLE, true);
  }

  private MyDatabase as(String user) {
    Properties properties = new Properties();
    properties.put("user", user);
    properties.put("allowPublicKeyRetrieval", "true");
    return new MyDatabase(site.asAgent.toString(), properties, () -> "wrong");
  }

  private static void assertFault(Session session, String sql, FaultKind kind, boolean heals) {
    assertThatThrownBy(
            () -> session.call("try", connection -> connection.createStatement().execute(sql)))
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> {
              assertThat(fault.kind()).describedAs(fault.getMessage()).isEqualTo(kind);
              assertThat(fault.healsByItself()).isEqualTo(heals);
            });
  }

  @Test
  void readsTablesColumnsKeysAndReferences() throws Exception {
    site.run(
        "create table parent (a int, b varchar(20), c int not null, primary key (b, a), unique key"
            + " one_c (c), unique key part (b(3)))",
        "create table child (id bigint unsigned primary key auto_increment, pb varchar(20), pa int,"
            + " twice int as (pa * 2) virtual, kept int as (pa + 1) stored, constraint"
            + " to_parent foreign key (pb, pa) references parent (b, a))",
        "create table `odd``name.x` (`we ird``col` int primary key)");
    TableCatalogue catalogue = site.catalogue(site.scope("*"));
    assertThat(catalogue.problems()).isEmpty();
    LocalTable parent = catalogue.find(new TableName("parent")).orElseThrow();
    assertThat(parent.schemaName()).isEqualTo(site.name);
    assertThat(parent.schema().key()).containsExactly(1, 0);
    assertThat(parent.description().uniqueSets())
        .containsExactly(new UniqueSet("one_c", List.of("c")));
    assertThat(parent.description().beforeImages()).isTrue();
    assertThat(parent.schema().columns())
        .containsExactly(
            new Column("a", LogicalType.INTEGER, intType("int(11)", "int"), false),
            new Column(
                "b",
                LogicalType.TEXT,
                "varchar(20) character set latin1 collate latin1_swedish_ci",
                false),
            new Column("c", LogicalType.INTEGER, intType("int(11)", "int"), false));
    LocalTable child = catalogue.find(new TableName("child")).orElseThrow();
    assertThat(child.schema().columns().stream().map(Column::name))
        .containsExactly("id", "pb", "pa");
    assertThat(child.description().foreignKeys())
        .containsExactly(
            new ForeignKey(
                "to_parent", List.of("pb", "pa"), new TableName("parent"), List.of("b", "a")));
    assertThat(catalogue.find(new TableName("odd`name.x"))).isPresent();
  }

  private String intType(String onMariaDb, String onMySql) {
    return flavour == Flavour.MARIADB ? onMariaDb : onMySql;
  }

  @Test
  void saysWhichTablesCanNotFlow() throws Exception {
    site.run(
        "create table good (id int primary key)",
        "create view v as select * from good",
        "create table old (id int primary key) engine = MyISAM",
        "create table keyless (id int)",
        "create table part (t varchar(100), primary key (t(10)))",
        flavour == Flavour.MARIADB
            ? "create table computed (a int)" // has no such keys
            : "create table computed (a int, k int as (a + 1) stored, primary key (k))");
    TableCatalogue all = site.catalogue(site.scope("*"));
    assertThat(all.tables().stream().map(t -> t.table().name()))
        .containsExactly("computed", "good", "keyless", "part");
    Map<String, Severity> problems =
        all.problems().stream()
            .collect(
                Collectors.toMap(
                    TableProblem::place, TableProblem::severity, (a, b) -> a, TreeMap::new));
    assertThat(problems)
        .containsOnly(
            Map.entry(site.name + ".computed", Severity.LIMITED),
            Map.entry(site.name + ".keyless", Severity.LIMITED),
            Map.entry(site.name + ".old", Severity.REFUSED),
            Map.entry(site.name + ".part", Severity.LIMITED));
    assertThat(all.find(new TableName("part")).orElseThrow().schema().hasKey()).isFalse();
    assertThat(site.catalogue(site.scope("v", "nothing")).problems())
        .extracting(TableProblem::severity)
        .containsExactly(Severity.REFUSED, Severity.WARNING, Severity.WARNING);
  }

  @Test
  void tellsEmptyTablesFromOthers() throws Exception {
    site.run(
        "create table full (id int primary key)",
        "create table bare (id int primary key)",
        "insert into full values (1)");
    TableCatalogue catalogue = site.catalogue(site.scope("*"));
    try (Connection connection = site.asAgent.connect()) {
      assertThat(new MyCatalogue(connection).emptyTables(catalogue.tables()))
          .containsExactly(new TableName("bare"));
    }
  }

  @Test
  void givesValuesTheFormThatEveryEngineReads() throws Exception {
    assertThat(canonical("tinyint(1)", LogicalType.BOOLEAN, "1").toUtf8()).isEqualTo("t");
    assertThat(canonical("date", LogicalType.DATE, "'0000-00-00'"))
        .isEqualTo(Bytes.utf8("\u00000000-00-00"));
    assertThat(canonical("date", LogicalType.DATE, "'1970-01-02'"))
        .isEqualTo(Bytes.fromHex("00000001"));
    assertThat(canonical("time(6)", LogicalType.TIME, "'-00:00:00.000001'"))
        .isEqualTo(Bytes.fromHex("ffffffffffffffff"));
    assertThat(canonical("bit(10)", LogicalType.NATIVE, "b'1000000001'").toUtf8())
        .isEqualTo("1000000001");
    assertThatThrownBy(() -> MyValueEncoder.of("date", LogicalType.UUID)).isInstanceOf(Fault.class);
  }

  /** Of a value that is put into row 1 of a fresh table t. */
  private Bytes canonical(String type, LogicalType logical, String literal) throws SQLException {
    site.run(
        "drop table if exists t",
        "create table t (id int primary key, v " + type + ")",
        "insert into t values (1, " + literal + ")");
    MyValueEncoder encoder = MyValueEncoder.of(type, logical);
    try (Connection connection = site.asOwner.connect();
        var statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select v from t")) {
      row.next();
      byte[] bytes = row.getBytes(1);
      ByteSink sink = new ByteSink();
      encoder.writeCanonical(bytes, 0, bytes.length, new TupleWriter(sink));
      TupleReader reader = new Tuple(sink.toBytes()).reader();
      assertThat(reader.next()).isTrue();
      assertThat(reader.tag()).isEqualTo(FieldTag.VALUE);
      return reader.value();
    }
  }
}
