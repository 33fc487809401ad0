package io.spokewire.agent.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.apply.ApplierContract;
import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.agent.apply.Rows;
import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.apply.table.TargetDatabase;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.id.Sequence;
import io.spokewire.testing.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The contract on a real PostgreSQL, and what only PostgreSQL has. */
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
abstract class PgApplierContract extends ApplierContract {
  private static int databases;

  private String database;
  private String role = "postgres";

  abstract EmbeddedPostgres server();

  @Override
  protected void createTables() throws Exception {
    database = "apply" + databases++;
    try (Connection admin = DriverManager.getConnection(server().jdbcUrl("postgres"));
        Statement statement = admin.createStatement()) {
      statement.execute("CREATE DATABASE " + database);
    }
    execute(
        "CREATE TABLE orders (id bigint PRIMARY KEY, status text, total numeric(12,2));"
            + "CREATE TABLE items (order_id bigint, line integer, sku text,"
            + " PRIMARY KEY (order_id, line))");
  }

  @Override
  protected void createGenerated() throws Exception {
    execute(
        "CREATE TABLE gen (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int,"
            + " twice int GENERATED ALWAYS AS (a * 2) STORED, extra text DEFAULT 'here')");
  }

  @Override
  protected TargetDatabase database(ConnectionSource connections) {
    return new PgTargetDatabase(connections);
  }

  @Override
  protected String schemaName() {
    return "public";
  }

  @Override
  protected Connection connect(Properties properties) throws SQLException {
    Properties all = new Properties();
    all.putAll(properties);
    all.setProperty("user", role);
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + server().port() + "/" + database, all);
  }

  @Override
  protected Connection user() throws SQLException {
    return DriverManager.getConnection(server().jdbcUrl(database));
  }

  @Override
  protected void cutConnections() throws Exception {
    execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            + " WHERE application_name LIKE 'spokewire apply%' AND datname = current_database()");
  }

  @Override
  protected boolean isSomebodyWaiting() throws Exception {
    return !query("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1").isEmpty();
  }

  @Override
  protected void outliveADeadlock(Statement statement) throws SQLException {
    // Patience for the user, none for apply, so that apply is the victim.
    statement.execute("SET LOCAL deadlock_timeout = '1min'");
  }

  @Test
  void valuesOfEveryTypeCompareWithWhatTheyReplace() throws Exception {
    execute(
        "CREATE TYPE mood AS ENUM ('glad', 'sad');"
            + "CREATE DOMAIN share AS numeric(5,2) CHECK (VALUE >= 0);"
            + "CREATE TABLE kinds (id bigint PRIMARY KEY, j json, b jsonb, p point, c char(5),"
            + " v varchar(9), n numeric(9,1), m mood, s share, a text[], f real, x bytea,"
            + " t timestamp(0));"
            + "INSERT INTO kinds VALUES (1, '{\"a\":  1}', '{\"a\": 1}', '(1,2)', 'ab', 'cd', 1.25,"
            + " 'sad', 3, '{a,NULL}', 0.1, '\\x01', '2020-01-01 00:00:00.6')");
    Rows kinds =
        Rows.of(
            "kinds",
            1,
            "id:INTEGER:bigint",
            "j:JSON:json",
            "b:JSON:jsonb",
            "p:NATIVE:point",
            "c:TEXT:character(5)",
            "v:TEXT:character varying(9)",
            "n:DECIMAL:numeric(9,1)",
            "m:NATIVE:mood",
            "s:DECIMAL:share",
            "a:NATIVE:text[]",
            "f:FLOAT32:real",
            "x:BYTES:bytea",
            "t:TIMESTAMP:timestamp(0) without time zone");
    book.add(kinds.schema());
    guarded = true;
    Bytes real = new ByteSink().putInt32(Float.floatToIntBits(0.1f)).toBytes();
    Bytes instant = new ByteSink().putInt64(1_577_836_800_600_000L).toBytes();
    Bytes one = Bytes.wrap(new byte[] {1});
    Object[] before = {
      1,
      "{\"a\":  1}",
      "{\"a\": 1}",
      "(1,2)",
      "ab   ",
      "cd",
      "1.25",
      "sad",
      "3",
      "{a,NULL}",
      real,
      one,
      instant
    };
    Object[] after = before.clone();
    Arrays.fill(after, 1, after.length, null);

    apply(kinds.updateOver(Arrays.asList(before), after));
    assertThat(query("SELECT id, num_nulls(j, b, p, c, v, n, m, s, a, f, x, t) FROM kinds"))
        .containsExactly("1|12");
    assertThat(applier.kept()).isZero();

    Object[] nulls = after.clone();
    apply(kinds.updateOver(Arrays.asList(nulls), before));
    assertThat(applier.kept()).isZero();
    execute("UPDATE kinds SET v = 'CD', p = '(1,3)'");
    apply(kinds.updateOver(Arrays.asList(before), after));
    assertThat(query("SELECT v, p, num_nulls(j, b, p, c, v, n, m, s, a, f, x, t) FROM kinds"))
        .containsExactly("CD|(1,3)|10");
    assertThat(applier.kept()).isEqualTo(2);
  }

  @Test
  void valuesOfEveryKindArriveAsTheyWere() throws Exception {
    execute(
        "CREATE TYPE mood AS ENUM ('so so', 'it''s'); CREATE DOMAIN positive AS int CHECK (value >"
            + " 0);CREATE TYPE pair AS (a int, b text);CREATE TABLE kinds (id bigint PRIMARY KEY, b"
            + " boolean, i2 smallint, i4 integer, n numeric, n2 numeric(10,3), f4 real, f8 double"
            + " precision, t text, v varchar(5), c char(4), y bytea, d date, ti time, ts timestamp,"
            + " tz timestamptz, u uuid, j json, jb jsonb, m mood, p positive, co pair, ta text[],"
            + " ia int[][], iv interval, bi bit(3), vb varbit(5), ip inet, r int4range, mo money, x"
            + " xml, tt timetz)");
    Rows kinds =
        Rows.of(
            "kinds",
            1,
            "id:INTEGER:bigint",
            "b:BOOLEAN:boolean",
            "i2:INTEGER:smallint",
            "i4:INTEGER:integer",
            "n:DECIMAL:numeric",
            "n2:DECIMAL:numeric(10,3)",
            "f4:FLOAT32:real",
            "f8:FLOAT64:double precision",
            "t:TEXT:text",
            "v:TEXT:character varying(5)",
            "c:TEXT:character(4)",
            "y:BYTES:bytea",
            "d:DATE:date",
            "ti:TIME:time without time zone",
            "ts:TIMESTAMP:timestamp without time zone",
            "tz:TIMESTAMP_TZ:timestamp with time zone",
            "u:UUID:uuid",
            "j:JSON:json",
            "jb:JSON:jsonb",
            "m:NATIVE:mood",
            "p:NATIVE:positive",
            "co:NATIVE:pair",
            "ta:NATIVE:text[]",
            "ia:NATIVE:integer[]",
            "iv:NATIVE:interval",
            "bi:NATIVE:bit(3)",
            "vb:NATIVE:bit varying(5)",
            "ip:NATIVE:inet",
            "r:NATIVE:int4range",
            "mo:NATIVE:money",
            "x:NATIVE:xml",
            "tt:NATIVE:time with time zone");
    // A domain counts as its base type.
    Rows shape = withType(kinds, "p", "INTEGER");
    book.add(shape.schema());
    String array = "{NULL,\"NULL\",\"\",\"a\\\"b\",\"c\\\\d\",\"ü {},\\n🎈\"}";
    RowChange one =
        shape.insert(
            Long.MIN_VALUE,
            "t",
            -32768,
            2147483647,
            "123456789012345678901234567890.1234567890",
            "1.500",
            int32(Float.floatToIntBits(-0.0f)),
            int64(Double.doubleToLongBits(4.9e-324)),
            "tab\t\"quote\" \\ 🎈",
            "äöüßé",
            "a   ",
            Bytes.wrap(new byte[] {0, 92, -1}),
            int32(-719_529),
            int64(86_400_000_000L),
            int64(Long.MAX_VALUE),
            int64(Long.MIN_VALUE),
            Bytes.wrap(new byte[16]),
            "{\"a\": 1, \"a\":2}",
            "{\"k\": [1.50]}",
            "it's",
            3,
            "(1,\"x,y\")",
            array,
            "[0:1][1:2]={{1,NULL},{3,4}}",
            "1 mon -2 days +00:00:01.5",
            "101",
            "11",
            "::1/64",
            "[1,5)",
            "$12.50",
            "<a b=\"c\"/>",
            "24:00:00+02");
    Object[] nulls = new Object[shape.schema().columns().size()];
    nulls[0] = Long.MAX_VALUE;
    Object[] more = nulls.clone();
    more[0] = 0;
    more[4] = "NaN";
    more[6] = int32(Float.floatToIntBits(Float.NaN));
    more[7] = int64(Double.doubleToLongBits(Double.NEGATIVE_INFINITY));
    more[12] = int32(Integer.MIN_VALUE);
    more[14] = int64(-1);
    more[15] = int64(1_700_000_000_123_456L);

    assertThat(apply(one, shape.insert(nulls), shape.insert(more)).parked()).isZero();

    List<String> rows = query("SELECT * FROM kinds ORDER BY id");
    assertThat(rows.get(0))
        .isEqualTo(
            "-9223372036854775808|t|-32768|2147483647|123456789012345678901234567890.1234567890|1.500|-0|5e-324|tab"
                + "\t\"quote\" \\ 🎈|äöüßé|a   |\\x005cff|0002-12-31"
                + " BC|24:00:00|infinity|-infinity|00000000-0000-0000-0000-000000000000|{\"a\": 1,"
                + " \"a\":2}|{\"k\":"
                + " [1.50]}|it's|3|(1,\"x,y\")|{NULL,\"NULL\",\"\",\"a\\\"b\",\"c\\\\d\",\"ü"
                + " {},n🎈\"}|[0:1][1:2]={{1,NULL},{3,4}}|1 mon -2 days"
                + " +00:00:01.5|101|11|::1/64|[1,5)|$12.50|<a b=\"c\"/>|24:00:00+02");
    assertThat(rows.get(1)).startsWith("0|null|null|null|NaN|null|NaN|-Infinity|");
    assertThat(rows.get(1)).contains("-infinity|null|1969-12-31 23:59:59.999999|");
    assertThat(rows.get(1)).contains("2023-11-14 22:13:20.123456+00");
    assertThat(rows.get(2)).startsWith("9223372036854775807|null|null");
  }

  private static Rows withType(Rows rows, String column, String type) {
    String[] columns =
        rows.schema().columns().stream()
            .map(
                c ->
                    c.name()
                        + ":"
                        + (c.name().equals(column) ? type : c.type().name())
                        + ":"
                        + c.nativeType())
            .toArray(String[]::new);
    return Rows.of(rows.schema().table().name(), rows.schema().key().size(), columns);
  }

  private static Bytes int32(int value) {
    return new ByteSink().putInt32(value).toBytes();
  }

  private static Bytes int64(long value) {
    return new ByteSink().putInt64(value).toBytes();
  }

  @Test
  void whatNoServerErrorTellsIsParkedToo() throws Exception {
    execute(
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN IF NEW.id = 2 THEN RETURN NULL; END IF; RETURN NEW; END $$;"
            + "CREATE TRIGGER swallow BEFORE INSERT OR UPDATE ON orders FOR EACH ROW"
            + " EXECUTE FUNCTION swallow();"
            + "ALTER TABLE orders ENABLE ALWAYS TRIGGER swallow");

    apply(
        orders.insert(1, "s", "1"),
        orders.insert(2, "swallowed", "1"),
        orders.insert("123456789012345678901234567890", "no bigint", "1"),
        orders.insert(4, "s", "1"));

    assertThat(query("SELECT id FROM orders ORDER BY id")).containsExactly("1", "4");
    assertThat(query("SELECT sqlstate FROM spokewire.parked ORDER BY id"))
        .containsExactly("09000", "22003");
  }

  @Test
  void foreignKeysAndTriggersRestWithTheReplicaRole() throws Exception {
    execute(
        "ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE;"
            + "CREATE FUNCTION boom() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN RAISE EXCEPTION 'fired'; END $$;"
            + "CREATE TRIGGER boom BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION boom()");

    assertThat(apply(items.insert(1, 1, "child first"), orders.insert(1, "s", "1")).parked())
        .isZero();
    assertThat(query("SELECT count(*) FROM items")).containsExactly("1");
  }

  @Test
  void withoutTheReplicaRoleForeignKeysHoldAndAnOrphanIsParkedUntilItsParentComes()
      throws Exception {
    applier.close();
    execute(
        "ALTER TABLE items ADD FOREIGN KEY (order_id) REFERENCES orders;"
            + "CREATE ROLE plain"
            + database
            + " LOGIN; GRANT CREATE ON DATABASE "
            + database
            + " TO plain"
            + database
            + "; GRANT ALL ON orders, items TO plain"
            + database
            + "; DROP SCHEMA IF EXISTS spokewire CASCADE");
    role = "plain" + database;
    applier = open();

    assertThat(
            apply(orders.insert(1, "s", "1"), items.insert(1, 1, "a"), items.insert(2, 1, "orphan"))
                .parked())
        .isEqualTo(1);
    assertThat(apply(orders.insert(2, "s", "1")).parked()).isLessThanOrEqualTo(1);
    assertThat(retry()).isZero();
    assertThat(query("SELECT count(*) FROM items")).containsExactly("2");
  }

  @Test
  void uniqueValuesThatAreSwappedWhereTheirConstraintWaitsArrive() throws Exception {
    execute("CREATE TABLE seats (id int PRIMARY KEY, seat int UNIQUE DEFERRABLE)");
    Rows seats = Rows.of("seats", 1, "id:INTEGER:integer", "seat:INTEGER:integer");
    book.add(seats.schema());
    apply(seats.insert(1, 1), seats.insert(2, 2));

    assertThat(apply(seats.update(1, 2), seats.update(2, 1)).parked()).isZero();

    assertThat(query("SELECT * FROM seats ORDER BY id")).containsExactly("1|2", "2|1");
  }

  @Test
  void theMarkerIsInTheLogWithTheRows() throws Exception {
    execute("CREATE PUBLICATION p FOR TABLE orders");
    execute("SELECT pg_create_logical_replication_slot('" + database + "', 'pgoutput')");
    apply(orders.insert(1, "a", "1"));

    assertThat(
            query(
                "SELECT chr(get_byte(data, 0)) FROM pg_logical_slot_get_binary_changes('"
                    + database
                    + "', NULL, NULL, 'proto_version', '1', 'publication_names', 'p', 'messages',"
                    + " 'true')"))
        .containsSubsequence("B", "M", "R", "I", "C");
    execute("SELECT pg_drop_replication_slot('" + database + "')");
  }

  @Test
  void aTableThatMayNotBeWrittenIsParkedAsAWhole() throws Exception {
    applier.close();
    execute(
        "CREATE ROLE weak"
            + database
            + " LOGIN; GRANT CREATE ON DATABASE "
            + database
            + " TO weak"
            + database
            + "; GRANT ALL ON items TO weak"
            + database
            + "; DROP SCHEMA IF EXISTS spokewire CASCADE");
    role = "weak" + database;
    applier = open();

    assertThat(
            apply(orders.insert(1, "s", "1"), orders.insert(2, "s", "1"), items.insert(1, 1, "a"))
                .parked())
        .isEqualTo(2);
    assertThat(query("SELECT DISTINCT sqlstate FROM spokewire.parked")).containsExactly("42501");

    execute("GRANT ALL ON orders TO weak" + database);
    assertThat(retry()).isZero();
    assertThat(query("SELECT count(*) FROM orders")).containsExactly("2");
  }

  @Test
  void aBatchLargerThanOnePlanIsOneTransaction() throws Exception {
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i < 45_000; i++) {
      changes.add(orders.insert(i, "x".repeat(10), i));
    }
    applier.apply(
        new ApplyBatch(
            ZERO.at(1),
            ZERO.at(1),
            List.of(entry(1, changes.toArray(RowChange[]::new))),
            Sequence.NONE));

    assertThat(query("SELECT count(*), count(DISTINCT xmin::text) FROM orders"))
        .containsExactly("45000|1");
  }

  /** Servers are started once for each class. */
  static final class Servers {
    private EmbeddedPostgres server;

    synchronized EmbeddedPostgres get(int major) {
      if (server == null) {
        try {
          server = EmbeddedPostgres.start(major);
        } catch (java.io.IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      }
      return server;
    }

    synchronized void close() throws Exception {
      if (server != null) {
        server.close();
        server = null;
      }
    }
  }
}
