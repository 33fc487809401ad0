package io.spokewire.agent.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.apply.Applier;
import io.spokewire.agent.apply.ApplierContract;
import io.spokewire.agent.apply.ApplyBatch;
import io.spokewire.agent.apply.ApplyEvents;
import io.spokewire.agent.apply.ApplySettings;
import io.spokewire.agent.apply.Backoff;
import io.spokewire.agent.apply.Rows;
import io.spokewire.agent.apply.table.ApplySite;
import io.spokewire.agent.apply.table.TableApplier;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.testing.EmbeddedPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The contract on a real PostgreSQL, and what only PostgreSQL has. */
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
abstract class PgApplierContract extends ApplierContract {
  private static final UUID INSTANCE = new UUID(7, 7);
  private static int databases;

  private String database;
  private String role = "postgres";
  private volatile boolean loseNextCommit;

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
  protected Applier open() {
    return open(INSTANCE, new SpokeId("lisbon"));
  }

  private Applier open(UUID instance, SpokeId spoke) {
    ApplySettings settings = ApplySettings.DEFAULTS.withRetryEvery(Duration.ZERO, Duration.ZERO);
    return new TableApplier(
        new ApplySite(
            spoke,
            instance,
            this::local,
            book,
            Optional.of(
                marker -> {
                  markers.add(marker);
                  return Bytes.utf8("sealed " + marker);
                }),
            table -> guarded,
            marker -> captured),
        new PgTargetDatabase(this::connect),
        (table, key, acknowledged, seenMissingAt) -> verdict,
        new ApplyEvents() {
          @Override
          public void drifted(TableName table, String field) {
            drifted.add(table + "." + field);
          }
        },
        settings,
        new Backoff(settings, new Random(1), Backoff.Pause.SLEEP),
        TimeSource.SYSTEM);
  }

  private Optional<LocalTable> local(TableName table) {
    return book.all().stream()
        .filter(schema -> schema.table().equals(table))
        .findFirst()
        .map(
            schema ->
                new LocalTable(
                    "public",
                    table.name(),
                    new TableDescription(schema, List.of(), List.of(), true, false)));
  }

  /** A connection that, once asked to, loses the answer to a commit that happened. */
  private Connection connect(Properties properties) throws SQLException {
    Connection real = open(properties);
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(real, arguments);
                if (method.getName().equals("commit") && loseNextCommit) {
                  loseNextCommit = false;
                  real.close();
                  throw new SQLException("the answer was lost", "08006");
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private Connection open(Properties properties) throws SQLException {
    Properties all = new Properties();
    all.putAll(properties);
    all.setProperty("user", role);
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + server().port() + "/" + database, all);
  }

  private Connection user() throws SQLException {
    return DriverManager.getConnection(server().jdbcUrl(database));
  }

  @Override
  protected void execute(String sql) throws Exception {
    try (Connection connection = user();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  protected List<String> query(String sql) throws Exception {
    try (Connection connection = user();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (row.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          cells.add(String.valueOf(row.getString(i)));
        }
        rows.add(String.join("|", cells));
      }
      return rows;
    }
  }

  @Override
  protected void cutConnections() throws Exception {
    execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            + " WHERE application_name LIKE 'spokewire apply%' AND datname = current_database()");
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

  /** A commit was sent, its connection cut, and its backend is slower than our next attempt. */
  @Test
  void aCommitOfUnknownOutcomeThatComesThroughLateIsNotAppliedAgain() throws Exception {
    apply(orders.insert(1, "new", "10"));
    try (Connection late = user();
        Statement statement = late.createStatement()) {
      late.setAutoCommit(false);
      statement.execute("UPDATE orders SET total = total + 5 WHERE id = 1");
      statement.execute("UPDATE spokewire.checkpoint SET position = 2");
      CompletableFuture<Applier.ApplyResult> again =
          CompletableFuture.supplyAsync(
              () -> apply(orders.update(1, Rows.SAME, new Rows.Plus("5"))));
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  again.isDone()
                      || !query("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1").isEmpty());
      late.commit();
      assertThat(again)
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .havingCause()
          .isInstanceOfSatisfying(Fault.class, fault -> assertThat(fault.healsByItself()).isTrue());
    }
    assertThat(query("SELECT * FROM orders")).containsExactly("1|new|15.00");
    assertThat(applier.checkpoint()).map(p -> p.number()).contains(2L);
  }

  @Test
  void identifiersAreOnlyNames() throws Exception {
    String table = "x\"; DROP TABLE orders; --";
    Rows odd = Rows.of(table, 1, "se\"lect:INTEGER:integer", "A b.$1?:TEXT:text");
    book.add(odd.schema());
    execute(
        "CREATE TABLE \"x\"\"; DROP TABLE orders; --\""
            + " (\"se\"\"lect\" integer PRIMARY KEY, \"A b.$1?\" text)");

    apply(odd.insert(1, "it's"), odd.insert(2, "b"), odd.insert(3, "c"));
    apply(odd.update(1, "?"), odd.delete(2), odd.keyChange(3, 4, "d"));

    assertThat(query("SELECT * FROM \"x\"\"; DROP TABLE orders; --\" ORDER BY 1"))
        .containsExactly("1|?", "4|d");
    assertThat(query("SELECT count(*) FROM orders")).containsExactly("0");
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
  void aValueTooLongForItsColumnIsParkedAndNeverCut() throws Exception {
    execute("CREATE TABLE short (id int PRIMARY KEY, v varchar(3))");
    Rows rows = Rows.of("short", 1, "id:INTEGER:integer", "v:TEXT:character varying(3)");
    book.add(rows.schema());

    assertThat(apply(rows.insert(1, "abcd"), rows.insert(2, "abc")).parked()).isEqualTo(1);
    assertThat(query("SELECT * FROM short")).containsExactly("2|abc");
    assertThat(query("SELECT sqlstate, operation, attempts FROM spokewire.parked"))
        .containsExactly("22001|insert|1");
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
  void generatedAndIdentityColumnsAreNoObstacle() throws Exception {
    execute(
        "CREATE TABLE gen (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int,"
            + " twice int GENERATED ALWAYS AS (a * 2) STORED, extra text DEFAULT 'here')");
    Rows rows = Rows.of("gen", 1, "id:INTEGER:bigint", "a:INTEGER:integer");
    book.add(rows.schema());

    apply(rows.insert(7, 1), rows.insert(8, 2));
    apply(rows.insert(7, 3), rows.update(8, 5));

    assertThat(query("SELECT * FROM gen ORDER BY id")).containsExactly("7|3|6|here", "8|5|10|here");
  }

  @Test
  void aTableWithoutAKeyTakesInserts() throws Exception {
    execute("CREATE TABLE log (line text)");
    Rows rows = Rows.of("log", 0, "line:TEXT:text");
    book.add(rows.schema());

    apply(rows.insert("a"), rows.insert("a"));

    assertThat(query("SELECT * FROM log")).containsExactly("a", "a");
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
  void uniqueValuesThatAreSwappedInABatchArrive() throws Exception {
    execute(
        "CREATE TABLE names (id int PRIMARY KEY, name text UNIQUE);"
            + "CREATE TABLE seats (id int PRIMARY KEY, seat int UNIQUE DEFERRABLE)");
    Rows names = Rows.of("names", 1, "id:INTEGER:integer", "name:TEXT:text");
    Rows seats = Rows.of("seats", 1, "id:INTEGER:integer", "seat:INTEGER:integer");
    book.add(names.schema());
    book.add(seats.schema());
    apply(names.insert(1, "a"), names.insert(2, "b"), seats.insert(1, 1), seats.insert(2, 2));

    apply(
        names.update(1, "tmp"),
        names.update(2, "a"),
        names.update(1, "b"),
        seats.update(1, 2),
        seats.update(2, 1));

    assertThat(query("SELECT * FROM names ORDER BY id")).containsExactly("1|b", "2|a");
    assertThat(query("SELECT * FROM seats ORDER BY id")).containsExactly("1|2", "2|1");
    assertThat(query("SELECT count(*) FROM spokewire.parked")).containsExactly("0");
  }

  @Test
  void keysMayMoveOverOneAnother() throws Exception {
    apply(orders.insert(1, "a", "1"), orders.insert(2, "b", "1"), orders.insert(3, "c", "1"));

    apply(
        orders.keyChange(3, 4, "c", "1"),
        orders.keyChange(2, 3, "b", "1"),
        orders.keyChange(1, 2, "a", "1"));

    assertThat(query("SELECT id, status FROM orders ORDER BY id"))
        .containsExactly("2|a", "3|b", "4|c");
  }

  @Test
  void aDeadlockIsTriedAgain() throws Exception {
    apply(orders.insert(1, "a", "1"), orders.insert(2, "b", "1"));
    try (Connection other = user();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      // Patience for the user, none for apply, so that apply is the victim.
      statement.execute("SET LOCAL deadlock_timeout = '1min'");
      statement.execute("UPDATE orders SET status = 'user' WHERE id = 2");
      CompletableFuture<Applier.ApplyResult> applying =
          CompletableFuture.supplyAsync(
              () -> apply(orders.update(1, "hub", Rows.SAME), orders.update(2, "hub", Rows.SAME)));
      Awaitility.await()
          .until(
              () ->
                  query(
                          "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                              + " AND application_name LIKE 'spokewire apply%' AND datname ="
                              + " current_database()")
                      .equals(List.of("1")));
      statement.execute("UPDATE orders SET total = 5 WHERE id = 1");
      other.commit();

      assertThat(applying.get(30, TimeUnit.SECONDS).parked()).isZero();
    }
    assertThat(query("SELECT * FROM orders ORDER BY id"))
        .containsExactly("1|hub|5.00", "2|hub|1.00");
  }

  @Test
  void aConnectionKilledInMidTransactionLeavesNothing() throws Exception {
    apply(orders.insert(1, "a", "1"), orders.insert(2, "a", "1"));
    try (Connection other = user();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("SELECT FROM orders WHERE id = 2 FOR UPDATE");
      CompletableFuture<Applier.ApplyResult> applying =
          CompletableFuture.supplyAsync(
              () -> apply(items.insert(1, 1, "x"), orders.update(2, "hub", Rows.SAME)));
      Awaitility.await()
          .until(
              () ->
                  query(
                          "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                              + " AND application_name LIKE 'spokewire apply%' AND datname ="
                              + " current_database()")
                      .equals(List.of("1")));
      cutConnections();
      assertThatThrownBy(() -> applying.get(30, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue());
    }
    assertThat(applier.checkpoint()).contains(ZERO.at(1));
    assertThat(query("SELECT count(*) FROM items")).containsExactly("0");
  }

  @Test
  void aCommitOfUnknownOutcomeIsToldByTheCheckpoint() throws Exception {
    apply(orders.insert(1, "a", "1"));
    loseNextCommit = true;

    assertThatThrownBy(() -> apply(orders.update(1, Rows.SAME, new Rows.Plus("1"))))
        .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue());

    assertThat(applier.checkpoint()).contains(ZERO.at(2));
    assertThat(query("SELECT total FROM orders")).containsExactly("2.00");
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
  void aDatabaseOfAnotherAgentIsRefused() {
    apply(orders.insert(1, "a", "1"));
    for (Applier other :
        List.of(
            open(new UUID(8, 8), new SpokeId("lisbon")), open(INSTANCE, new SpokeId("porto")))) {
      assertThatThrownBy(other::checkpoint)
          .isInstanceOfSatisfying(
              Fault.class,
              f -> {
                assertThat(f.kind()).isEqualTo(FaultKind.REFUSED);
                assertThat(f.healsByItself()).isFalse();
              });
    }
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
  void aKeyThatChangesItsSpellingOnlyIsFoundByItsTypesEquality() throws Exception {
    execute("CREATE TABLE prices (amount numeric PRIMARY KEY, note text)");
    Rows rows = Rows.of("prices", 1, "amount:DECIMAL:numeric", "note:TEXT:text");
    book.add(rows.schema());
    apply(rows.insert("1.0", "a"));

    apply(rows.update("1.00", "b"), rows.update("1.000", "c"));

    assertThat(query("SELECT note FROM prices")).containsExactly("c");
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
