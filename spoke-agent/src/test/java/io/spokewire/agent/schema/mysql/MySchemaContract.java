package io.spokewire.agent.schema.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.schema.LocalTable;
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
import java.sql.PreparedStatement;
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
    MySession nobody = new MySession(as("nobody"));
    assertFault(nobody, "select 1", FaultKind.REFUSED, false);
    MySession agent = new MySession(site.asAgent);
    assertFault(agent, "create table t (id int)", FaultKind.REFUSED, false);
    assertFault(agent, "select nonsense", FaultKind.INTERNAL, false);
    agent.close();
    MySession nowhere =
        new MySession(new MyDatabase("jdbc:mysql://127.0.0.1:1/x", new Properties(), () -> ""));
    assertFault(nowhere, "select 1", FaultKind.UNREACHABLE, true);
  }

  private MyDatabase as(String user) {
    Properties properties = new Properties();
    properties.put("user", user);
    properties.put("allowPublicKeyRetrieval", "true");
    return new MyDatabase(site.asAgent.toString(), properties, () -> "wrong");
  }

  private static void assertFault(MySession session, String sql, FaultKind kind, boolean heals) {
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
  void takesEveryValueThereAndBack() throws Exception {
    bothWays("tinyint", "-128", "127", "0");
    bothWays("tinyint(1)", "0", "1", "2");
    bothWays("smallint unsigned", "65535");
    bothWays("mediumint", "-8388608", "8388607");
    bothWays("int unsigned zerofill", "7", "4294967295");
    bothWays("bigint", "-9223372036854775808", "9223372036854775807");
    bothWays("bigint unsigned", "18446744073709551615", "10000000000000000000", "0");
    bothWays("decimal(65,30)", "-0.000000000000000000000000000001", "12345.5", "0");
    bothWays("decimal(10,0)", "-5");
    bothWays("float", "1e-45 * 10", "3.4028234e38", "0.1", "-16777216.0", "1.17549435e-38");
    bothWays("double", "4.9e-323", "1.7976931348623157e308", "0.1", "-1e22", "123456789.123");
    bothWays("char(5) character set utf8mb4", "'ä '", "''", "'😀x'");
    bothWays("varchar(20) character set latin1", "'grün €  '");
    bothWays("text character set utf8mb4", "repeat('x', 60000)", "'a\\0b\\\\'");
    bothWays("binary(4)", "x'00FF0000'", "x'00000000'");
    bothWays("varbinary(20)", "x''", "x'00FF5C27'");
    bothWays("longblob", "repeat(x'00FF', 100000)");
    bothWays(
        "date",
        "'1000-01-01'",
        "'9999-12-31'",
        "'0000-00-00'",
        "'2024-02-31'",
        "'2023-00-00'",
        "'0001-01-01'",
        "'1969-12-31'");
    bothWays("time(6)", "'-838:59:59'", "'838:59:59'", "'00:00:00.000001'", "'-00:00:00.5'");
    bothWays("time", "'24:00:00'");
    bothWays(
        "datetime(6)",
        "'9999-12-31 23:59:59.999999'",
        "'0000-00-00 00:00:00'",
        "'2024-00-15 10:00:00.25'",
        "'1969-12-31 23:59:59.5'");
    bothWays("datetime", "'2024-02-29 12:13:14'");
    bothWays(
        "timestamp(3) null",
        "'1970-01-01 00:00:01.001'",
        "'2038-01-19 03:14:07.999'",
        "'0000-00-00 00:00:00'",
        "'2023-03-26 01:30:00'");
    bothWays("year", "0", "1901", "2155");
    bothWays("enum('a','b''c','ü') character set utf8mb4", "'b''c'", "'ü'");
    bothWays("set('a','b','d')", "'a,d'", "''");
    bothWays("bit(1)", "1", "0");
    bothWays("bit(64)", "x'8000000000000001'");
    bothWays("bit(10)", "b'1000000001'");
    bothWays("json", "'{\"b\": [1, 2.5, null, true], \"a\": \"ü\\\\n\"}'", "'null'");
    bothWays("geometry", "ST_GeomFromText('POINT(1 2)', 4326)");
    if (flavour == Flavour.MARIADB) {
      bothWays(
          "uuid",
          "'0188f6a8-9c2d-7abc-8def-0123456789ab'",
          "'550e8400-e29b-11d4-a716-446655440000'");
      bothWays("inet6", "'2001:db8::ff00:42:8329'");
      bothWays("inet4", "'10.0.0.1'");
    }
  }

  @Test
  void takesAgreedTypesThereAndBack() throws Exception {
    bothWays("tinyint(1)", LogicalType.BOOLEAN, "0", "1", "2", "-1");
    bothWays("bit(1)", LogicalType.BOOLEAN, "0", "1");
    bothWays("bit(12)", LogicalType.INTEGER, "4095", "0");
    bothWays(
        "char(36)",
        LogicalType.UUID,
        "'550e8400-e29b-11d4-a716-446655440000'",
        "'550E8400-e29b-11d4-a716-446655440000'",
        "'none'",
        "''");
    bothWays("binary(16)", LogicalType.UUID, "x'00112233445566778899AABBCCDDEEFF'");
    bothWays("bigint unsigned", LogicalType.DECIMAL, "18446744073709551615");
    bothWays("decimal(20,0)", LogicalType.INTEGER, "-12345678901234567890");
    bothWays("float", LogicalType.FLOAT64, "0.1");
    bothWays("enum('x','y')", LogicalType.TEXT, "'y'");
    if (flavour == Flavour.MARIADB) {
      bothWays("uuid", LogicalType.TEXT, "'550e8400-e29b-11d4-a716-446655440000'");
      bothWays("uuid", LogicalType.BYTES, "'550e8400-e29b-11d4-a716-446655440000'");
    }
    assertThat(canonical("tinyint(1)", LogicalType.BOOLEAN, "1").toUtf8()).isEqualTo("t");
    assertThat(canonical("date", LogicalType.DATE, "'0000-00-00'"))
        .isEqualTo(Bytes.utf8("\u00000000-00-00"));
    assertThat(canonical("date", LogicalType.DATE, "'1970-01-02'"))
        .isEqualTo(Bytes.fromHex("00000001"));
    assertThat(canonical("time(6)", LogicalType.TIME, "'-00:00:00.000001'"))
        .isEqualTo(Bytes.fromHex("ffffffffffffffff"));
    assertThat(canonical("bit(10)", LogicalType.NATIVE, "b'1000000001'").toUtf8())
        .isEqualTo("1000000001");
    assertThatThrownBy(() -> MyValueCodec.of("date", LogicalType.UUID)).isInstanceOf(Fault.class);
  }

  private void bothWays(String type, String... literals) throws SQLException {
    bothWays(type, MyTypes.logicalType(type.replace(" null", "")), literals);
  }

  private static MyValueCodec codec(String type, LogicalType logical) {
    return MyValueCodec.of(type.replace(" null", ""), logical);
  }

  private void bothWays(String type, LogicalType logical, String... literals) throws SQLException {
    for (String literal : literals) {
      Bytes canonical = canonical(type, logical, literal);
      MyValueCodec codec = codec(type, logical);
      ByteSink sql = new ByteSink();
      codec.appendSql(canonical, sql);
      try (Connection connection = site.asOwner.connect();
          PreparedStatement insert = connection.prepareStatement("insert into t values (2, ?)")) {
        if (codec.isBinary()) {
          insert.setBytes(1, sql.toBytes().toByteArray());
        } else {
          insert.setString(1, sql.toBytes().toUtf8());
        }
        insert.execute();
      }
      assertThat(site.query("select count(distinct hex(v)) from t"))
          .describedAs(type + " " + literal + " as " + sql.toBytes())
          .isEqualTo("1");
    }
  }

  /** Of a value that is put into row 1 of a fresh table t. */
  private Bytes canonical(String type, LogicalType logical, String literal) throws SQLException {
    site.run(
        "drop table if exists t",
        "create table t (id int primary key, v " + type + ")",
        "insert into t values (1, " + literal + ")");
    MyValueCodec codec = codec(type, logical);
    String value = type.startsWith("float") ? "v + 0e0" : "v";
    try (Connection connection = site.asOwner.connect();
        var statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select " + value + " from t")) {
      row.next();
      byte[] bytes = row.getBytes(1);
      ByteSink sink = new ByteSink();
      codec.writeCanonical(bytes, 0, bytes.length, new TupleWriter(sink));
      TupleReader reader = new Tuple(sink.toBytes()).reader();
      assertThat(reader.next()).isTrue();
      assertThat(reader.tag()).isEqualTo(FieldTag.VALUE);
      return reader.value();
    }
  }
}
