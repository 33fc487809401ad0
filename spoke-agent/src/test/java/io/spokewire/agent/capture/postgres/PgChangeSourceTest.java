package io.spokewire.agent.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.ChangeSourceContract;
import io.spokewire.agent.capture.EventReader;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgValueCodec;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.testing.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {15, 18})
class PgChangeSourceTest extends ChangeSourceContract {
  private static EmbeddedPostgres server;

  @Parameter int major;

  @TempDir Path directory;

  private PgTestSite site;
  private TableScope scope;

  @BeforeParameterizedClassInvocation
  static void startServer(int major) throws Exception {
    // The least there is, so that transactions are streamed while in progress.
    server =
        EmbeddedPostgres.start(
            major, Map.of("logical_decoding_work_mem", "64kB", "max_replication_slots", "20"));
  }

  @AfterParameterizedClassInvocation
  static void stopServer() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeSite() throws Exception {
    site = new PgTestSite(server);
    site.run(
        "create table orders (id int primary key, note text, amount numeric)",
        "alter table orders replica identity full",
        "create table outside (id int, filler text)");
    publish("orders");
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
    return "select pg_logical_emit_message(true, 'spokewire', '\\x" + content.toHex() + "'::bytea)";
  }

  @Override
  protected ChangeSource.Factory factory() {
    return factory(new SpoolDirectory(directory));
  }

  private PgCapture factory(SpoolDirectory spools) {
    return new PgCapture(
        site.asAgent,
        new PgSlot(site.asAgent, site.name),
        new PgPublication(site.name),
        scope,
        SEAL,
        this::isNew,
        spools,
        TimeSource.SYSTEM);
  }

  @Test
  void letsTheSourceForgetWhatIsConfirmed() throws Exception {
    try (EventReader reader = open()) {
      writeMuchOutside();
      commit("insert into orders values (1, 'a', 1)");
      Captured event = reader.next();
      assertThat(retainedBytes()).isGreaterThan(1_000_000);
      reader.source().confirm(event.position());
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                Captured progress = reader.source().next(Duration.ofMillis(100));
                if (progress != null) {
                  reader.source().confirm(progress.position());
                }
                site.run("checkpoint");
                return retainedBytes() < 1_000_000;
              });
    }
  }

  /** About a megabyte of log that is not for us. */
  private void writeMuchOutside() throws Exception {
    commit("insert into outside select i, repeat('x', 1000) from generate_series(1, 2000) i");
  }

  private long retainedBytes() throws Exception {
    try (Connection connection = site.asAgent.connect()) {
      return new PgSlot(site.asAgent, site.name).retention(connection).bytes();
    }
  }

  private void publish(String... patterns) throws Exception {
    scope = site.scope(patterns);
    site.publish(scope);
  }

  /** Makes the tables, then publication and slot anew over all of schema public. */
  private void tables(String... sql) throws Exception {
    site.run(sql);
    new PgSlot(site.asAgent, site.name).drop();
    site.run("drop publication " + site.name);
    publish("*");
  }

  @Test
  void givesOnlyTheKeyOfOldRowsUnderDefaultIdentity() throws Exception {
    tables("create table plain (a int, b text, id int, primary key (id, b))");
    commit("insert into plain values (1, 'x', 7)");
    commit("update plain set a = 2");
    commit("update plain set id = 8");
    commit("delete from plain");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert plain [id=7, b=x] (1, x, 7)");
      assertThat(reader.nextRows()).containsExactly("update plain [id=7, b=x] none -> (2, x, 7)");
      assertThat(reader.nextRows())
          .containsExactly("rekey plain [id=7, b=x] -> [id=8, b=x] none -> (2, x, 8)");
      assertThat(reader.nextRows()).containsExactly("delete plain [id=8, b=x] none");
    }
  }

  @Test
  void takesTheColumnsOfTheIdentityIndexForTheKey() throws Exception {
    tables(
        "create table coded (id int primary key, code text not null unique, v int)",
        "alter table coded replica identity using index coded_code_key");
    commit("insert into coded values (1, 'c', 1)");
    commit("delete from coded");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert coded [code=c] (1, c, 1)");
      assertThat(reader.nextRows()).containsExactly("delete coded [code=c] none");
    }
  }

  @Test
  void takesAnUnchangedToastValueForUnchanged() throws Exception {
    tables(
        "create table full_doc (id int primary key, body text, v int)",
        "alter table full_doc alter body set storage external, replica identity full",
        "create table key_doc (id int primary key, body text, v int)",
        "alter table key_doc alter body set storage external");
    for (String table : List.of("full_doc", "key_doc")) {
      commit("insert into " + table + " values (1, repeat('0123456789', 1000), 1)");
      commit("update " + table + " set v = 2");
      commit("update " + table + " set id = 2");
      commit("update " + table + " set body = null");
    }
    try (EventReader reader = open()) {
      assertThat(reader.nextRows())
          .containsExactly("insert full_doc [id=1] (1, 0123456789…10000, 1)");
      assertThat(reader.nextRows())
          .containsExactly("update full_doc [id=1] (_, _, 1) -> (_, _, 2)");
      // A whole row is needed when the key changes, and the old image has the value.
      assertThat(reader.nextRows())
          .containsExactly(
              "rekey full_doc [id=1] -> [id=2] (1, 0123456789…10000, 2) ->"
                  + " (2, 0123456789…10000, 2)");
      assertThat(reader.nextRows())
          .containsExactly("update full_doc [id=2] (_, 0123456789…10000, _) -> (_, null, _)");
      assertThat(reader.nextRows()).hasSize(1);
      assertThat(reader.nextRows()).containsExactly("update key_doc [id=1] none -> (1, _, 2)");
      assertThat(reader.nextRows())
          .containsExactly("rekey key_doc [id=1] -> [id=2] none -> (2, _, 2)");
      assertThat(reader.nextRows()).containsExactly("update key_doc [id=2] none -> (2, null, 2)");
    }
  }

  @Test
  void givesAToastedKeyThatDidNotChange() throws Exception {
    tables(
        "create table wide_key (k text primary key, v int)",
        "alter table wide_key alter k set storage external");
    // Random enough not to be compressed in the index, short enough to fit it.
    String key = "(select string_agg(md5(i::text), '') from generate_series(1, 70) i)";
    commit("insert into wide_key values (" + key + ", 1)");
    commit("update wide_key set v = 2");
    try (EventReader reader = open()) {
      String row = reader.nextRows().getFirst();
      assertThat(row).startsWith("insert wide_key [k=c4ca4238a0…2240]");
      assertThat(reader.nextRows())
          .containsExactly("update wide_key [k=c4ca4238a0…2240] none -> (_, 2)");
    }
  }

  @Test
  void givesPartitionsThroughTheirRoot() throws Exception {
    tables(
        "create table log (id int, at date, note text, primary key (id, at))"
            + " partition by range (at)",
        "create table log_25 partition of log for values from ('2025-01-01') to ('2026-01-01')",
        "create table log_26 (note text, at date not null, id int not null, gone int)",
        "alter table log_26 drop column gone",
        "alter table log attach partition log_26 for values from ('2026-01-01') to ('2027-01-01')",
        "alter table log replica identity full",
        "alter table log_25 replica identity full",
        "alter table log_26 replica identity full");
    commit("insert into log values (1, '2025-06-01', 'a'), (2, '2026-06-01', 'b')");
    commit("update log set note = 'c' where id = 2");
    commit("update log set at = '2026-06-01' where id = 1");
    commit("truncate log");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows())
          .containsExactly(
              "insert log [id=1, at=2025-06-01] (1, 2025-06-01, a)",
              "insert log [id=2, at=2026-06-01] (2, 2026-06-01, b)");
      assertThat(reader.nextRows())
          .containsExactly("update log [id=2, at=2026-06-01] (_, _, b) -> (_, _, c)");
      assertThat(reader.nextRows())
          .containsExactly(
              "delete log [id=1, at=2025-06-01] (1, 2025-06-01, a)",
              "insert log [id=1, at=2026-06-01] (1, 2026-06-01, a)");
      assertThat(reader.nextRows()).containsExactly("truncate log");
    }
  }

  @Test
  void doesNotTrustWholeRowsOfPartitionsThatLogOnlyTheirKey() throws Exception {
    tables(
        "create table log (id int primary key, note text) partition by range (id)",
        "create table log_1 partition of log for values from (0) to (100)",
        "alter table log replica identity full");
    commit("insert into log values (1, 'a')");
    commit("update log set note = 'b'");
    commit("update log set id = 2");
    commit("delete from log");
    try (EventReader reader = open()) {
      reader.next();
      assertThat(reader.nextRows()).containsExactly("update log [id=1] none -> (1, b)");
      assertThat(reader.nextRows()).containsExactly("rekey log [id=1] -> [id=2] none -> (2, b)");
      assertThat(reader.nextRows()).containsExactly("delete log [id=2] none");
    }
  }

  @Test
  void leavesGeneratedColumnsOutAndKeepsIdentityColumns() throws Exception {
    tables(
        "create table calc (id int generated always as identity primary key,"
            + " twice int generated always as (v * 2) stored, v int)",
        "alter table calc replica identity full");
    commit("insert into calc (v) values (5)");
    commit("update calc set v = 6");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert calc [id=1] (1, 5)");
      assertThat(reader.nextRows()).containsExactly("update calc [id=1] (_, 5) -> (_, 6)");
    }
  }

  @Test
  void takesOddNamesAsTheyAre() throws Exception {
    String table = "\"odd \"\"na.me\"\"; DROP TABLE x; -- $1\"";
    tables(
        "create table "
            + table
            + " (\"Id\" int primary key, \"$v.\"\"w\"\"\" text, \"select\" int)",
        "create schema \"My.Schema\"",
        "create table \"My.Schema\".\"T\" (id int primary key)");
    site.run("alter publication " + site.name + " add table \"My.Schema\".\"T\"");
    scope = site.scope("*", "\"My.Schema\".T");
    commit("insert into " + table + " values (1, 'a', 2)");
    commit("insert into \"My.Schema\".\"T\" values (1)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows())
          .containsExactly("insert odd \"na.me\"; DROP TABLE x; -- $1 [Id=1] (1, a, 2)");
      assertThat(reader.nextRows()).containsExactly("insert My.Schema.T [id=1] (1)");
    }
  }

  @Test
  void saysANewShapeWhenAColumnIsAdded() throws Exception {
    commit("insert into orders values (1, 'a', 1)");
    commit("alter table orders add column extra int default 3");
    commit("update orders set note = 'b'");
    try (EventReader reader = open()) {
      reader.next();
      assertThat(reader.nextRows())
          .containsExactly("update orders [id=1] (_, a, _, _) -> (_, b, _, _)");
      List<TableSchema> shapes =
          reader.read().stream()
              .filter(e -> e instanceof Captured.Shape)
              .map(e -> ((Captured.Shape) e).schema())
              .toList();
      assertThat(shapes).hasSize(2);
      assertThat(shapes.get(1).columns().getLast())
          .isEqualTo(
              new Column("extra", io.spokewire.common.change.LogicalType.INTEGER, "integer", true));
    }
  }

  @Test
  void refusesToGuessWhichRowOfATableWithoutAKeyWasMeant() throws Exception {
    tables("create table heap (v int)", "alter table heap replica identity full");
    commit("insert into heap values (1), (1)");
    commit("delete from heap");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert heap [] (1)", "insert heap [] (1)");
      assertThatThrownBy(reader::next)
          .isInstanceOf(Fault.class)
          .hasMessageContaining("heap")
          .hasMessageContaining("primary key");
    }
  }

  @Test
  void goesOnWithWhatItRefusedOnceTheTableHasAKey() throws Exception {
    tables("create table heap (v int)", "alter table heap replica identity full");
    commit("insert into heap values (1)");
    commit("update heap set v = 2");
    try (EventReader reader = open()) {
      reader.nextRows();
      assertThatThrownBy(reader::next)
          .isInstanceOf(Fault.class)
          .hasMessageContaining("it takes inserts only: give it a primary key");
    }
    commit("alter table heap add primary key (v)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).hasSize(1);
      assertThat(reader.nextRows()).hasSize(1);
    }
  }

  @Test
  void aTableWithoutAKeyThatThePlanDoesNotNameStopsNothing() throws Exception {
    site.run(
        "create table elsewhere (v int)",
        "alter table elsewhere replica identity full",
        "alter publication " + site.name + " add table elsewhere");
    commit("insert into elsewhere values (1), (1)");
    commit("update elsewhere set v = 2");
    commit("delete from elsewhere");
    commit("insert into orders values (1, 'a', 1)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).containsExactly("insert orders [id=1] (1, a, 1)");
    }
  }

  @Test
  void dropsExactlyTheRowsOfSubtransactionsThatRolledBack() throws Exception {
    String fill = "select i, repeat('x', 200), 0 from generate_series(%d, %d) i";
    commit(
        "insert into orders " + fill.formatted(1, 2000),
        "savepoint a",
        "insert into orders " + fill.formatted(10_001, 12_000),
        "savepoint b",
        "insert into orders " + fill.formatted(20_001, 22_000),
        "rollback to a",
        "insert into orders " + fill.formatted(2001, 4000),
        "savepoint c",
        "update orders set note = 'lost' where id < 1000",
        "rollback to c",
        "release c",
        "savepoint d",
        "delete from orders where id <= 10",
        "release d");
    EventReader.Whole spooled;
    try (EventReader reader =
        new EventReader(
            factory(new SpoolDirectory(directory, 50_000, 100_000)).open(SourcePosition.NONE),
            schemas)) {
      spooled = reader.nextWhole();
      assertThat(spooled.rows()).isEqualTo(4010);
      assertThat(spooled.blocks()).hasSizeGreaterThan(10);
      assertThat(spooled.blocks().stream().mapToInt(Integer::intValue).sum()).isEqualTo(4010);
    }
    try (var left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
    List<Integer> ids = new ArrayList<>();
    for (RowChange row : new RowBlock(spooled.bytes(), 4010)) {
      if (row instanceof RowChange.Insert insert) {
        TupleReader key = insert.key().asTuple().reader();
        key.next();
        ids.add(Integer.parseInt(key.value().toUtf8()));
      }
    }
    assertThat(ids).hasSize(4000).isSorted().startsWith(1).endsWith(4000);
    // Read again, in other blocks, the bytes are the same; in the same ones all is.
    try (EventReader reader = open()) {
      assertThat(reader.nextWhole().bytes()).isEqualTo(spooled.bytes());
    }
  }

  @Test
  void keepsStreamedTransactionsApartAndInCommitOrder() throws Exception {
    try (Connection first = site.asOwner.connect();
        Connection second = site.asOwner.connect();
        Connection third = site.asOwner.connect()) {
      List<Connection> all = List.of(first, second, third);
      for (Connection connection : all) {
        connection.setAutoCommit(false);
      }
      try (EventReader reader = open()) {
        for (int round = 0; round < 5; round++) {
          for (int i = 0; i < 3; i++) {
            try (Statement statement = all.get(i).createStatement()) {
              statement.execute(
                  "insert into orders select n, 'of "
                      + i
                      + "' || repeat('x', 300), 0 from generate_series(%1$d, %1$d + 999) n"
                          .formatted(i * 100_000 + round * 1000));
            }
          }
          reader.source().next(Duration.ZERO);
        }
        commit("insert into orders values (-1, 'between', 0)");
        second.commit();
        third.rollback();
        first.commit();
        assertThat(reader.nextRows()).containsExactly("insert orders [id=-1] (-1, between, 0)");
        assertThat(reader.nextRows())
            .hasSize(5000)
            .allMatch(row -> row.matches("insert orders \\[id=10\\d{4}\\].*"));
        assertThat(reader.nextRows())
            .hasSize(5000)
            .allMatch(row -> row.matches("insert orders \\[id=\\d{1,4}\\].*"));
      }
    }
  }

  @Test
  void keepsARelationThatOnlyAStreamedTransactionDescribed() throws Exception {
    commit("insert into orders select i, repeat('x', 300), 0 from generate_series(1, 3000) i");
    commit("delete from orders where id = 7");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).hasSize(3000);
      assertThat(reader.nextRows())
          .hasSize(1)
          .first()
          .asString()
          .startsWith("delete orders [id=7]");
    }
  }

  @Test
  void speaksOneStyleWhateverTheDatabaseIsSetTo() throws Exception {
    tables(
        "create table styled (id int primary key, i interval, z timestamptz[], r tsrange, f"
            + " float8[], b bytea[])");
    commit(
        "insert into styled values (1, '1 day 02:03:04', '{2026-11-22 00:00+00}',"
            + " '[2026-01-02,2026-03-04)', '{0.1,1e300}', '{\\\\x00ff}')");
    TimeZone zone = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kolkata")); // the driver would take it over
    try (EventReader reader = open()) {
      assertThat(reader.nextRows())
          .containsExactly(
              "insert styled [id=1] (1, 1 day 02:03:04, {\"2026-11-22 00:00:00+00\"},"
                  + " [\"2026-01-02 00:00:00\",\"2026-03-04 00:00:00\"), {0.1,1e+300},"
                  + " {\"\\\\x00ff\"})");
    } finally {
      TimeZone.setDefault(zone);
    }
  }

  @Test
  void readsAStreamedTransactionThatChangesAShapeOnItsWay() throws Exception {
    String fill = "insert into orders (id, note) select i, repeat('x', 300) from generate_series";
    commit(
        fill + "(1, 1000) i",
        "savepoint a",
        "alter table orders add column lost int",
        fill + "(1001, 2000) i",
        "rollback to a",
        "alter table orders add column kept text default 'k'",
        fill + "(2001, 3000) i");
    commit("insert into orders values (5000, 'after', 1, 'z')");
    try (EventReader reader = open()) {
      List<String> rows = reader.nextRows();
      assertThat(rows).hasSize(2000);
      assertThat(rows.getFirst()).matches("insert orders \\[id=1\\] \\(1, x+…300, null\\)");
      assertThat(rows.getLast()).matches("insert orders \\[id=3000\\] \\(3000, x+…300, null, k\\)");
      assertThat(reader.nextRows()).containsExactly("insert orders [id=5000] (5000, after, 1, z)");
    }
  }

  @Test
  void dropsAStreamedTransactionThatWeApplied() throws Exception {
    AppliedMarker marker = new AppliedMarker(LOG.at(1), LOG.at(1), List.of());
    commit(
        markStatement(SEAL.seal(marker)),
        "insert into orders select i, repeat('x', 300), 0 from generate_series(1, 5000) i");
    commit("update orders set amount = 1 where id <= 3000");
    try (EventReader reader = open()) {
      assertThat(reader.next()).isInstanceOf(Captured.Applied.class);
      assertThat(reader.nextRows()).hasSize(3000);
    }
  }

  @Test
  void keepsEveryTypeAsItIs() throws Exception {
    tables(
        "create type mood as enum ('sad', 'happy')",
        "create domain positive as int check (value > 0)",
        "create domain positive2 as positive",
        "create type pair as (a int, b text)",
        """
        create table types (id int primary key, i2 int2, i8 int8, n numeric, n2 numeric(10,2),
          f4 float4, f8 float8, t text, vc varchar(20), c char(5), b bytea, bo boolean, d date,
          ti time, tz timetz, ts timestamp, tstz timestamptz, iv interval, u uuid, j json,
          jb jsonb, m mood, dom positive2, ar int[], tar text[][], r int4range, inet inet,
          mac macaddr8, bit bit(5), vb bit varying, p pair, mo money, x xml, tv tsvector, o oid,
          nm name, pt point, mr int4multirange)\
        """);
    String columns =
        site.query(
            "select string_agg(attname, ',' order by attnum) from pg_attribute"
                + " where attrelid = 'types'::regclass and attnum > 0");
    site.run(
        """
        insert into types values (1, -32768, 9223372036854775807, 'NaN', 1.50, 'NaN', '-0',
          E'tab\\t quote '' 𝄞', 'v', 'ab', '\\x00ff5c', true, 'infinity', '24:00:00',
          '12:34:56.789+05:30', 'infinity', '-infinity', '1 year -2 mons 3 days -04:05:06.789',
          'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"b": 1,  "a":[1e400], "a":2}',
          '{"b": 1, "a": 1.00}', 'happy', 5, '[0:2]={1,NULL,3}', '{{a,"b c"},{"\\"",NULL}}',
          '[1,10)', '::1/64', '08:00:2b:01:02:03:04:05', B'10101', B'101', '(1,"x,y")', 12.34,
          '<a>1</a>', 'a:1 b:2', 4294967295, 'name', '(1.5,-2)', '{[1,3),[5,7)}'),
        (2, 0, 0, 'Infinity', 0.00, 'Infinity', 1e-310, '', '', '', '', false, '4713-01-01 BC',
          '00:00:00.000001', '00:00:00-15:59', '4713-01-01 00:00:00 BC',
          '294276-12-31 23:59:59.999999+00', 'P0D', null, 'null', 'null', 'sad', 1, '{}', '{}',
          'empty', '10.0.0.1', null, null, '', null, -0.01, '', '', 0, '', null, '{}'),
        (3, null, null, 1e1000, -0.01, 1.17549435e-38, 0.1, null, null, null, null, null,
          '5874897-12-31', null, null, '0044-03-15 12:00:00.5 BC', '2026-11-22 15:23:11.000001+00',
          '-178000000 years', null, null, null, null, null, null, null, null, null, null, null, null,
          null, null, null, null, null, null, null, null)\
        """);
    try (EventReader reader = open();
        Connection connection = site.asOwner.connect()) {
      try (Statement statement = connection.createStatement()) {
        // Written back by a session with other settings.
        statement.execute("create table copy (like types)");
        statement.execute("set DateStyle = 'ISO, DMY'; set TimeZone = 'America/New_York'");
      }
      Captured.Local local = (Captured.Local) reader.next();
      for (RowBlock block : local.rows()) {
        for (RowChange change : block) {
          RowChange.Insert insert = (RowChange.Insert) change;
          TableSchema schema = schemas.get(insert.schema());
          String values =
              schema.columns().stream()
                  .map(c -> "?::" + c.nativeType())
                  .collect(Collectors.joining(", "));
          try (PreparedStatement statement =
              connection.prepareStatement(
                  "insert into copy (" + columns + ") values (" + values + ")")) {
            TupleReader row = insert.after().reader();
            while (row.next()) {
              String text = null;
              if (row.tag() == FieldTag.VALUE) {
                ByteSink sink = new ByteSink();
                PgValueCodec.appendText(
                    schema.columns().get(row.ordinal()).type(), row.value(), sink);
                text = sink.toBytes().toUtf8();
              }
              statement.setString(row.ordinal() + 1, text);
            }
            statement.execute();
          }
        }
      }
      assertThat(local.rows().rows()).isEqualTo(3);
    }
    String differences =
        Stream.of(columns.split(","))
            .map(
                c ->
                    "select '%s' as c from types t join copy y using (id) where t.%s::text is distinct from y.%s::text"
                        .formatted(c, c, c))
            .collect(Collectors.joining(" union all "));
    assertThat(site.query("select string_agg(c, ',') from (" + differences + ") q")).isNull();
    assertThat(site.query("select count(*) from copy")).isEqualTo("3");
  }

  @Test
  void givesValuesInTheTypesThatAllSitesAgreedOn() throws Exception {
    tables(
        "create table agreed (id bigint primary key, active boolean, code uuid, size real,"
            + " total numeric(20,0))",
        "alter table agreed replica identity full");
    SortedMap<String, LogicalType> types = new TreeMap<>();
    types.put("id", LogicalType.DECIMAL);
    types.put("active", LogicalType.INTEGER);
    types.put("code", LogicalType.TEXT);
    types.put("size", LogicalType.FLOAT64);
    types.put("total", LogicalType.INTEGER);
    AgreedTypes agreed = new AgreedTypes(new TreeMap<>(Map.of(new TableName("agreed"), types)));
    scope = new TableScope(List.of(new TablePattern("*")), "public", agreed);
    String code = "123e4567-e89b-12d3-a456-426614174000";
    commit("insert into agreed values (1, true, '" + code + "', 0.1, 18446744073709551615)");
    commit("update agreed set active = false, total = 'NaN'");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows())
          .containsExactly(
              "insert agreed [id=1] (1, 1, "
                  + code
                  + ", 0.10000000149011612,"
                  + " 18446744073709551615)");
      assertThat(reader.nextRows())
          .containsExactly(
              "update agreed [id=1] (_, 1, _, _, 18446744073709551615) -> (_, 0, _, _, NaN)");
    }
  }

  @Test
  void saysWhatUsersTypesStandOn() throws Exception {
    site.run(
        "create type mood as enum ('sad', 'it''s ok')",
        "create domain email as varchar(20)",
        "create domain work_email as email",
        "create domain moods as mood",
        "create table kinds (id int primary key, a mood, b email, c work_email, d moods,"
            + " e mood[], f numeric(10,2))");
    assertThat(
            site.catalogue(site.scope("kinds")).tables().getFirst().schema().columns().stream()
                .map(Column::nativeType))
        .containsExactly(
            "integer",
            "mood enum('sad','it''s ok')",
            "email over character varying(20)",
            "work_email over character varying(20)",
            "moods over mood enum('sad','it''s ok')",
            "mood[]",
            "numeric(10,2)");
  }

  @Test
  void saysThatASlotIsGone() throws Exception {
    commit("insert into orders values (1, 'a', 1)");
    new PgSlot(site.asAgent, site.name).drop();
    assertThatThrownBy(() -> factory().open(SourcePosition.NONE))
        .isInstanceOfSatisfying(
            Fault.class,
            fault -> {
              assertThat(fault.healsByItself()).isFalse();
              assertThat(fault.hint()).contains("remove-spoke, add-spoke, and join anew");
            });
  }

  @Test
  void noticesASlotMadeAnewAndALogThatEndsTooEarly() throws Exception {
    commit("insert into orders values (1, 'a', 1)");
    SourcePosition position;
    try (EventReader reader = open()) {
      position = reader.next().position();
    }
    Awaitility.await()
        .until(
            () ->
                site.query(
                        "select bool_or(active) from pg_replication_slots where slot_name = '"
                            + site.name
                            + "'")
                    .equals("f"));
    new PgSlot(site.asAgent, site.name).drop();
    commit("insert into orders values (2, 'lost', 1)");
    new PgSlot(site.asAgent, site.name).create().close();
    assertThatThrownBy(() -> factory().open(position))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("beyond")
        .hasMessageContaining("remove-spoke, add-spoke, and join anew");
    assertThatThrownBy(() -> factory().open(Lsn.toPosition(Lsn.of(position) + (1L << 40))))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("back in time");
  }

  @Test
  void healsByItselfWhenTheConnectionIsCut() throws Exception {
    try (EventReader reader = open()) {
      commit("insert into orders values (1, 'a', 1)");
      reader.next();
      site.run(
          "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
              + site.name
              + "'");
      assertThatThrownBy(reader::next)
          .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue());
    }
    commit("insert into orders values (2, 'b', 1)");
    try (EventReader reader = open()) {
      assertThat(reader.nextRows()).hasSize(1);
      assertThat(reader.nextRows()).containsExactly("insert orders [id=2] (2, b, 1)");
    }
  }

  @Test
  void movesTheSlotOfAnIdleDatabase() throws Exception {
    try (EventReader reader = open()) {
      String before = confirmedFlush();
      writeMuchOutside();
      Captured progress = reader.next(e -> e instanceof Captured.Progress);
      reader.source().confirm(progress.position());
      Awaitility.await()
          .until(
              () -> {
                reader.source().next(Duration.ofMillis(20));
                return !confirmedFlush().equals(before);
              });
    }
  }

  private String confirmedFlush() throws Exception {
    return site.query(
        "select confirmed_flush_lsn from pg_replication_slots where slot_name = '"
            + site.name
            + "'");
  }
}
