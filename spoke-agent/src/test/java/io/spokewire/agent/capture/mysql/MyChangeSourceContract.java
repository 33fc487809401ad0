package io.spokewire.agent.capture.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.ChangeSourceContract;
import io.spokewire.agent.capture.EventReader;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.schema.mysql.MyTestSite;
import io.spokewire.agent.schema.mysql.MyTypes;
import io.spokewire.agent.schema.mysql.MyValueEncoder;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract, and what a binlog has of its own, on both servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MyChangeSourceContract extends ChangeSourceContract {
  private final Flavour flavour;
  private EmbeddedMySql server;
  private MyTestSite site;
  private SourcePosition beginning;

  @TempDir Path directory;

  MyChangeSourceContract(Flavour flavour) {
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
    applied.clear();
    site = new MyTestSite(server);
    site.onServer(
        "drop database if exists spokewire",
        "create database spokewire",
        "create table spokewire.checkpoint (id tinyint primary key check (id = 1),"
            + " incarnation binary(16), channel varchar(64), position bigint, marker longblob)",
        "create table spokewire.barrier (id tinyint primary key check (id = 1),"
            + " mark longblob not null)",
        "insert into spokewire.checkpoint (id) values (1)");
    site.run(
        "create table orders (id int primary key, note text, amount decimal(10,2))",
        "create table outside (id int)");
    begin();
  }

  /** Capture is set up here. */
  private void begin() throws Exception {
    try (Connection connection = site.asAgent.connect()) {
      beginning = BinlogPositions.end(connection);
    }
  }

  @AfterEach
  void dropSite() throws Exception {
    site.close();
  }

  @Override
  protected void commit(String... sql) throws Exception {
    site.transaction(true, sql);
  }

  @Override
  protected void rollBack(String... sql) throws Exception {
    site.transaction(false, sql);
  }

  @Override
  protected String markStatement(Bytes content) {
    return content.at(0) == 1
        ? "update spokewire.checkpoint set position = coalesce(position, 0) + 1, marker = x'"
            + content.toHex()
            + "'"
        : "insert into spokewire.barrier values (1, x'"
            + content.toHex()
            + "') on duplicate key update mark = values(mark)";
  }

  @Override
  protected ChangeSource.Factory factory() {
    return factory(new SpoolDirectory(directory), "orders", "t*");
  }

  private MyCapture factory(SpoolDirectory spools, String... tables) {
    return new MyCapture(
        site.asAgent,
        beginning,
        site.scope(tables),
        AgreedTypes.NONE,
        SEAL,
        this::isNew,
        spools,
        new ReadPlace(),
        TimeSource.SYSTEM);
  }

  // ---- values

  @Test
  void readsFromTheLogWhatSqlReadsFromTheTable() throws Exception {
    Map<String, List<String>> values = new LinkedHashMap<>();
    values.put("tinyint", List.of("-128", "127", "null"));
    values.put("tinyint unsigned", List.of("255"));
    values.put("year", List.of("0", "1901", "2155"));
    values.put("smallint", List.of("-32768"));
    values.put("mediumint", List.of("-8388608", "8388607"));
    values.put("mediumint unsigned", List.of("16777215"));
    values.put("int unsigned", List.of("4294967295"));
    values.put("int", List.of("-2147483648"));
    values.put("bigint", List.of("-9223372036854775808"));
    values.put("bigint unsigned", List.of("18446744073709551615"));
    values.put(
        "decimal(65,30)", List.of("-0.000000000000000000000000000001", "12345678901.5", "0"));
    values.put("decimal(9,9)", List.of("0.123456789", "-0.000000001"));
    values.put("decimal(18,9)", List.of("-123456789.000000001", "1"));
    values.put("decimal(5,0)", List.of("-99999", "0", "7"));
    values.put("float", List.of("0.1", "-3.4028234e38", "0"));
    values.put("double", List.of("0.1", "-1.7976931348623157e308", "4.9e-323"));
    values.put("char(5) character set utf8mb4", List.of("'ä '", "''", "'😀x'"));
    values.put("char(200) character set utf8mb4", List.of("'lang'", "repeat('ü', 200)"));
    values.put("varchar(20) character set latin1", List.of("'grün €  '", "x'81'"));
    values.put("varchar(300) character set utf8mb3", List.of("'ж'", "repeat('x', 300)"));
    values.put("varchar(20) character set utf16", List.of("'ж😀'"));
    values.put("varchar(20) character set gbk", List.of("'中文a'"));
    values.put("varchar(20) character set koi8r", List.of("'Привет'"));
    values.put("tinytext character set utf8mb4", List.of("'kurz'"));
    values.put("longtext character set utf8mb4", List.of("repeat('lang', 5000)"));
    values.put("text character set cp1251", List.of("'Привет'"));
    values.put("binary(4)", List.of("x'00FF0000'", "x'00000000'", "x'41'"));
    values.put("binary(255)", List.of("x'0102'"));
    values.put("varbinary(20)", List.of("x''", "x'00FF5C2700'"));
    values.put("mediumblob", List.of("repeat(x'00FF', 40000)"));
    values.put("date", List.of("'1000-01-01'", "'9999-12-31'", "'0000-00-00'", "'2024-02-31'"));
    values.put(
        "time(6)", List.of("'-838:59:59'", "'838:59:59'", "'-00:00:00.000001'", "'-01:02:03.5'"));
    values.put("time(4)", List.of("'-00:00:00.0001'", "'23:59:59.9999'"));
    values.put("time(2)", List.of("'-00:00:00.5'", "'-10:00:00'", "'00:00:01.25'"));
    values.put("time", List.of("'-24:00:00'", "'24:00:00'"));
    values.put("datetime(6)", List.of("'9999-12-31 23:59:59.999999'", "'0000-00-00 00:00:00'"));
    values.put("datetime(3)", List.of("'2024-00-15 10:00:00.25'", "'1969-12-31 23:59:59.5'"));
    values.put("datetime", List.of("'2024-02-29 12:13:14'"));
    values.put(
        "timestamp(3) null", List.of("'1970-01-01 00:00:01.001'", "'2038-01-19 03:14:07.999'"));
    values.put("timestamp null", List.of("'0000-00-00 00:00:00'", "'2023-03-26 01:30:00'"));
    values.put("enum('a','b''c','ü') character set latin1", List.of("'b''c'", "'ü'"));
    values.put("set('a','ü','d') character set latin1", List.of("'a,ü'", "''", "'d'"));
    values.put("bit(1)", List.of("1", "0"));
    values.put("bit(10)", List.of("b'1000000001'"));
    values.put("bit(64)", List.of("x'8000000000000001'"));
    values.put(
        "json",
        List.of(
            "'{\"b\": [1, 2.5, null, true, -70000, 5000000000, 18446744073709551615], \"a\":"
                + " \"ü\\\\n"
                + "\\\\u0001\"}'",
            "'\"x\"'",
            "'[]'",
            "'{}'",
            "'1e20'",
            "'[0.1, 1.0, 1e-7, 123456789012345680, 1.5e300, 100000.5]'",
            "json_array(cast(1.50 as decimal(10,2)))",
            "concat('[', repeat('\"0123456789\",', 8000), '1]')"));
    values.put("geometry", List.of("ST_GeomFromText('POINT(1 2)', 4326)"));
    if (flavour == Flavour.MARIADB) {
      values.put(
          "uuid",
          List.of(
              "'550e8400-e29b-11d4-a716-446655440000'",
              "'0188f6a8-9c2d-7abc-8def-0123456789ab'",
              "'0188f6a8-9c2d-4abc-8def-012345678900'",
              "'0188f6a8-9c2d-8abc-8def-012345678900'",
              "'00000000-0000-0000-0000-000000000000'"));
      values.put(
          "inet6",
          List.of(
              "'2001:db8::ff00:42:8329'",
              "'::'",
              "'::1'",
              "'::ffff:10.0.0.1'",
              "'1:0:0:2:0:0:0:3'",
              "'::1.2.3.4'",
              "'fe80::'"));
      values.put("inet4", List.of("'10.0.0.1'", "'0.0.0.0'"));
      if (site.query("select from_unixtime(4294967295)") != null) {
        values.put("timestamp(6) null", List.of("'2106-02-07 06:28:15.999999'")); // from 11.5 on
      }
    } else {
      values.put(
          "json ",
          List.of(
              "json_array(cast('2024-02-29 12:13:14.5' as datetime(6)), cast('-10:11:12' as time),"
                  + " cast('2024-02-29' as date))"));
    }
    compareLogWithTable(values, "");
  }

  @Test
  void readsWithoutMetadataToo() throws Exception {
    try {
      site.onServer(
          "set global binlog_row_metadata = "
              + (flavour == Flavour.MARIADB ? "'NO_LOG'" : "'MINIMAL'"));
      Map<String, List<String>> values = new LinkedHashMap<>();
      values.put("int unsigned", List.of("4294967295"));
      values.put("varchar(20) character set latin1", List.of("'grün €  '"));
      values.put("enum('a','b') character set latin1", List.of("'b'"));
      values.put("varbinary(20)", List.of("x'00FF5C2700'"));
      values.put("text character set utf8mb4", List.of("'ж'"));
      compareLogWithTable(values, ", g int as (1) stored, v int as (2) virtual");
      commit("update orders set id = 1"); // of another table, to be sure that keys are found
      commit("insert into orders values (1, 'a', 1.00)");
      commit("update orders set id = 2");
      try (EventReader reader = open()) {
        while (!(reader.nextRows().getFirst().startsWith("insert orders"))) {}
        assertThat(reader.nextRows())
            .containsExactly("rekey orders [id=1] -> [id=2] (1, a, 1.00) -> (2, a, 1.00)");
      }
    } finally {
      site.onServer("set global binlog_row_metadata = 'FULL'");
    }
  }

  private void compareLogWithTable(Map<String, List<String>> values, String more) throws Exception {
    StringBuilder create = new StringBuilder("create table tall (id int primary key");
    List<String> types = List.copyOf(values.keySet());
    int rows = 0;
    for (int i = 0; i < types.size(); i++) {
      create.append(", c").append(i).append(' ').append(types.get(i));
      rows = Math.max(rows, values.get(types.get(i)).size());
    }
    site.run(create + more + ")");
    StringBuilder names = new StringBuilder("id");
    for (int i = 0; i < types.size(); i++) {
      names.append(", c").append(i);
    }
    for (int row = 0; row < rows; row++) {
      StringBuilder insert = new StringBuilder("insert into tall (" + names + ") values (" + row);
      for (String type : types) {
        List<String> each = values.get(type);
        insert.append(", ").append(each.get(row % each.size()));
      }
      site.run(insert + ")");
    }
    try (EventReader reader = open();
        Connection connection = site.asAgent.connect();
        Statement statement = connection.createStatement()) {
      for (int row = 0; row < rows; row++) {
        Map<String, Bytes> fromLog = insertedRow(reader);
        for (int i = 0; i < types.size(); i++) {
          String type = types.get(i).replace(" null", "").strip();
          String select = type.startsWith("float") ? "c" + i + " + 0e0" : "c" + i;
          try (ResultSet result =
              statement.executeQuery("select " + select + " from tall where id = " + row)) {
            result.next();
            byte[] bytes = result.getBytes(1);
            Bytes fromLogValue = fromLog.get("c" + i);
            if (bytes == null) {
              assertThat(fromLogValue).describedAs(type).isNull();
              continue;
            }
            ByteSink sink = new ByteSink();
            MyValueEncoder.of(type, MyTypes.logicalType(type))
                .writeCanonical(bytes, 0, bytes.length, new TupleWriter(sink));
            TupleReader field = new io.spokewire.common.change.Tuple(sink.toBytes()).reader();
            field.next();
            String what =
                type + " " + values.get(types.get(i)).get(row % values.get(types.get(i)).size());
            if (type.equals("json") && bytes.length < 1000) {
              assertThat(fromLogValue.toUtf8()).describedAs(what).isEqualTo(field.value().toUtf8());
            }
            assertThat(fromLogValue).describedAs(what).isEqualTo(field.value());
          }
        }
      }
    }
  }

  /** The next event's one row by column; NULLs are not in it. */
  private Map<String, Bytes> insertedRow(EventReader reader) throws Exception {
    Captured.Local local = (Captured.Local) reader.next();
    Map<String, Bytes> row = new LinkedHashMap<>();
    try (var rows = local.rows()) {
      for (RowBlock block : rows) {
        block.forEach(
            change -> {
              TableSchema schema = schemas.get(change.schema());
              TupleReader fields = ((RowChange.Insert) change).after().reader();
              while (fields.next()) {
                if (fields.tag() == FieldTag.VALUE) {
                  row.put(schema.columns().get(fields.ordinal()).name(), fields.value().detached());
                }
              }
            });
      }
    }
    return row;
  }

  // ---- transactions

  @Test
  void leavesGeneratedColumnsOutAndKnowsTheShape() throws Exception {
    site.run(
        "create table tg (v int as (a + 1) virtual, a int, s int as (a * 2) stored, id int, b"
            + " varchar(9) character set latin1, primary key (id, a))");
    commit("insert into tg (a, id, b) values (5, 1, 'ö')");
    commit("update tg set b = 'x'");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert tg [id=1, a=5] (5, 1, ö)");
      assertThat(reader.nextRows()).containsExactly("update tg [id=1, a=5] (_, _, ö) -> (_, _, x)");
      TableSchema schema =
          reader.read().stream()
              .filter(Captured.Shape.class::isInstance)
              .map(shape -> ((Captured.Shape) shape).schema())
              .toList()
              .getFirst();
      assertThat(schema.columns().stream().map(Column::name)).containsExactly("a", "id", "b");
      assertThat(schema).isEqualTo(site.catalogue(site.scope("tg")).tables().getFirst().schema());
    }
  }

  @Test
  void namesGeometryAsTheCatalogueDoes() throws Exception {
    site.run("create table tp (id int primary key, p point, g geometry)");
    commit("insert into tp values (1, point(1, 2), point(3, 4))");
    isOfTheShapeInTheCatalogue("tp");
  }

  @Test
  void readsVectorsAsTheyAreStored() throws Exception {
    try {
      site.run("create table tv (id int primary key, v vector(3) not null)");
    } catch (SQLException e) {
      Assumptions.abort("this server has no vectors: " + e.getMessage());
    }
    String make = flavour == Flavour.MARIADB ? "vec_fromtext" : "string_to_vector";
    commit("insert into tv values (1, " + make + "('[1, 2, 3]'))");
    try (EventReader reader = open()) {
      assertThat(insertedRow(reader).get("v")).isEqualTo(Bytes.fromHex("0000803f0000004000004040"));
    }
    isOfTheShapeInTheCatalogue("tv");
  }

  private void isOfTheShapeInTheCatalogue(String table) throws Exception {
    try (EventReader reader = open()) {
      reader.nextRows();
      TableSchema schema =
          reader.read().stream()
              .filter(Captured.Shape.class::isInstance)
              .map(shape -> ((Captured.Shape) shape).schema())
              .toList()
              .getFirst();
      assertThat(schema).isEqualTo(site.catalogue(site.scope(table)).tables().getFirst().schema());
    }
  }

  @Test
  void readsRowsOfTheShapeTheyWereWrittenIn() throws Exception {
    site.run("create table ts (id int primary key, old smallint unsigned, gone enum('x','y'))");
    commit("insert into ts values (1, 65535, 'y')");
    site.run("alter table ts drop column gone, change old fresh varchar(10), add more int");
    commit("insert into ts values (2, 'text', 7)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert ts [id=1] (1, 65535, y)");
      assertThat(reader.nextRows()).containsExactly("insert ts [id=2] (2, text, 7)");
    }
  }

  @Test
  void splitsATransactionWhereDdlCommitsIt() throws Exception {
    commit(
        "insert into orders values (1, 'before', 1.00)",
        "create table other (id int)",
        "insert into orders values (2, 'after', 1.00)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, before, 1.00)");
      assertThat(reader.nextRows()).containsExactly("insert orders [id=2] (2, after, 1.00)");
    }
  }

  @Test
  void capturesATableThatIsFilledWhileItIsMade() throws Exception {
    commit("create table tc (id int primary key) as select 7 as id");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert tc [id=7] (7)");
    }
  }

  @Test
  void capturesTruncates() throws Exception {
    commit("insert into orders values (1, 'a', 1.00)");
    commit("/* all of it */ truncate table `orders`");
    commit("truncate outside");
    commit("truncate " + site.name + ".orders");
    try (EventReader reader = open()) {
      reader.next();
      assertThat(reader.nextRows()).containsExactly("truncate orders");
      assertThat(reader.nextRows()).containsExactly("truncate orders");
    }
  }

  @Test
  void leavesTablesOutThatCanNotFlow() throws Exception {
    site.run("create table tm (id int primary key) engine = MyISAM");
    site.run("insert into tm values (1)");
    site.run("truncate tm");
    commit("insert into orders values (1, 'a', 1.00)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, a, 1.00)");
    }
  }

  @Test
  void dropsWhatWasRolledBackToASavepoint() throws Exception {
    commit(
        "insert into orders values (1, 'kept', 1.00)",
        "savepoint `a b`",
        "insert into orders values (2, 'lost', 1.00)",
        "rollback to savepoint `a b`",
        "insert into orders values (3, 'kept too', 1.00)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows())
          .containsExactly(
              "insert orders [id=1] (1, kept, 1.00)", "insert orders [id=3] (3, kept too, 1.00)");
    }
  }

  @Test
  void givesPreparedTransactionsInTheOrderOfTheirCommits() throws Exception {
    prepare(
        "xa start 'one', 'b'",
        "insert into orders values (1, 'one', 1.00)",
        "xa end 'one', 'b'",
        "xa prepare 'one', 'b'");
    commit("insert into orders values (10, 'between', 1.00)");
    prepare(
        "xa start 'two'",
        "insert into orders values (2, 'two', 1.00)",
        "xa end 'two'",
        "xa prepare 'two'");
    prepare(
        "xa start 'three'",
        "insert into orders values (3, 'three', 1.00)",
        "xa end 'three'",
        "xa prepare 'three'");
    commit("insert into orders values (11, 'between', 1.00)");
    site.run("xa commit 'two'");
    site.run("xa rollback 'three'");
    commit("insert into orders values (12, 'between', 1.00)");
    site.run("xa commit 'one', 'b'");
    commit("insert into orders values (13, 'after', 1.00)");
    prepare(
        "xa start 'four'",
        "insert into orders values (4, 'four', 1.00)",
        "xa end 'four'",
        "xa commit 'four' one phase");
    List<EventReader.Whole> all = new ArrayList<>();
    try (EventReader reader = open()) {
      for (int i = 0; i < 7; i++) {
        all.add(reader.nextWhole());
      }
    }
    try (EventReader reader = open()) {
      List<String> rows = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        rows.addAll(reader.nextRows());
      }
      assertThat(rows)
          .containsExactly(
              "insert orders [id=10] (10, between, 1.00)",
              "insert orders [id=11] (11, between, 1.00)",
              "insert orders [id=2] (2, two, 1.00)",
              "insert orders [id=12] (12, between, 1.00)",
              "insert orders [id=1] (1, one, 1.00)",
              "insert orders [id=13] (13, after, 1.00)",
              "insert orders [id=4] (4, four, 1.00)");
    }
    for (int i = 0; i < all.size(); i++) {
      try (EventReader reader = open(all.get(i).position())) {
        for (int j = i + 1; j < all.size(); j++) {
          assertThat(reader.nextWhole()).isEqualTo(all.get(j));
        }
      }
    }
  }

  /** In a session that goes away: a prepared transaction stays. */
  private void prepare(String... sql) throws Exception {
    site.run(sql);
  }

  @Test
  void readsCompressedTransactions() throws Exception {
    String on =
        flavour == Flavour.MARIADB
            ? "set global log_bin_compress = 1"
            : "set global binlog_transaction_compression = 1";
    String off = on.replace("= 1", "= 0");
    site.onServer(on);
    try {
      commit(
          "insert into orders values (1, repeat('long', 500), 1.00), (2, 'b', 1.00)",
          "update orders set amount = 2.00, note = repeat('other', 400) where id = 1",
          "delete from orders where id = 1");
      commit("create table other (id int comment '" + "x".repeat(800) + "')");
      commit("insert into orders values (3, 'c', 1.00)");
    } finally {
      site.onServer(off);
    }
    try (EventReader reader = open()) {
      assertThat(reader.nextRows())
          .containsExactly(
              "insert orders [id=1] (1, longlonglo…2000, 1.00)",
              "insert orders [id=2] (2, b, 1.00)",
              "update orders [id=1] (_, longlonglo…2000, 1.00) -> (_, otherother…2000, 2.00)",
              "delete orders [id=1] (1, otherother…2000, 2.00)");
      assertThat(reader.nextRows()).containsExactly("insert orders [id=3] (3, c, 1.00)");
    }
  }

  @Test
  void spoolsALargeTransactionAndCutsItAlwaysAlike() throws Exception {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      rows.add("(" + i + ", repeat('x', 100), 1.00)");
    }
    commit(
        "insert into orders values " + String.join(", ", rows), "update orders set amount = 2.00");
    Path spool = Files.createDirectories(directory.resolve("small"));
    EventReader.Whole first;
    try (EventReader reader =
        new EventReader(
            factory(new SpoolDirectory(spool, 8 << 10, 64 << 10), "orders")
                .open(SourcePosition.NONE),
            schemas)) {
      first = reader.nextWhole();
      assertThat(first.rows()).isEqualTo(6_000);
      assertThat(first.blocks()).hasSizeGreaterThan(50);
      try (EventReader again =
          new EventReader(
              factory(new SpoolDirectory(directory, 8 << 10, 64 << 20), "orders")
                  .open(SourcePosition.NONE),
              schemas)) {
        assertThat(again.nextWhole()).isEqualTo(first);
      }
    }
    try (Stream<Path> left = Files.list(spool)) {
      assertThat(left).isEmpty();
    }
  }

  // ---- what can't be read on

  @Test
  void goesOnAfterTheServerCameBack() throws Exception {
    commit("insert into orders values (1, 'a', 1.00)");
    SourcePosition after;
    try (EventReader reader = open()) {
      after = reader.next().position();
      server.kill9();
      assertThatThrownBy(() -> reader.next(event -> false))
          .isInstanceOfSatisfying(Fault.class, fault -> assertThat(fault.healsByItself()).isTrue());
    } finally {
      server.restart();
    }
    commit("insert into orders values (2, 'b', 1.00)");
    try (EventReader reader = open(after)) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=2] (2, b, 1.00)");
    }
  }

  @Test
  void saysThatTheLogWasPurged() throws Exception {
    SourcePosition old = beginning;
    commit("insert into orders values (1, 'a', 1.00)");
    site.onServer("flush logs");
    String file = lastBinlog();
    Awaitility.await() // a reader that went away may still seem to be in it
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              site.onServer("purge binary logs to '" + file + "'");
              return site.query("show binary logs").equals(file);
            });
    assertThatThrownBy(
            () -> {
              try (EventReader reader = new EventReader(factory().open(old), schemas)) {
                reader.next();
              }
            })
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> {
              assertThat(fault.kind())
                  .describedAs(fault.getMessage())
                  .isEqualTo(FaultKind.NEGATIVE);
              assertThat(fault.healsByItself()).isFalse();
              assertThat(fault.getMessage()).contains("purged").contains("rejoin");
            });
  }

  private String lastBinlog() throws SQLException {
    try (Connection connection = site.asOwner.connect();
        ResultSet row = connection.createStatement().executeQuery("show binary logs")) {
      String last = "";
      while (row.next()) {
        last = row.getString(1);
      }
      return last;
    }
  }

  @Test
  void saysThatTheServerWentBack() throws Exception {
    commit("insert into orders values (1, 'a', 1.00)");
    SourcePosition after;
    try (EventReader reader = open()) {
      after = reader.next().position();
    }
    site.forgetBinlog();
    assertThatThrownBy(() -> factory().open(after))
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> {
              assertThat(fault.kind())
                  .describedAs(fault.getMessage())
                  .isEqualTo(FaultKind.NEGATIVE);
              assertThat(fault.getMessage()).contains("does not know");
            });
    begin();
  }

  @Test
  void refusesRowsThatAreNotWhole() throws Exception {
    commit("insert into orders values (1, 'a', 1.00)");
    commit("set binlog_row_image = 'MINIMAL'", "update orders set note = 'b'");
    try (EventReader reader = open()) {
      reader.next();
      assertThatThrownBy(reader::next)
          .isInstanceOf(Fault.class)
          .hasMessageContaining("binlog_row_image");
    }
  }

  @Test
  void refusesStatementsInPlaceOfRows() throws Exception {
    commit("insert into orders values (1, 'a', 1.00)");
    commit("set binlog_format = 'STATEMENT'", "update orders set note = 'b'");
    try (EventReader reader = open()) {
      reader.next();
      assertThatThrownBy(reader::next)
          .isInstanceOf(Fault.class)
          .hasMessageContaining("binlog_format");
    }
  }

  @Test
  void refusesUpdatesOfATableWithoutAKey() throws Exception {
    site.run("create table tk (a int)");
    commit("insert into tk values (1)");
    commit("update tk set a = 2");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert tk [] (1)");
      assertThatThrownBy(reader::next).isInstanceOf(Fault.class).hasMessageContaining("key");
    }
  }
}
