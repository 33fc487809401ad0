package io.spokewire.agent.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.schema.postgres.PgAgreedForm;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgTypes;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.OneSidedValue;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.testing.EdgeValues;
import io.spokewire.testing.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every edge value of every PostgreSQL type through capture's text, its logical types and apply's
 * parameters, into another column of the type, on a real server.
 */
class PgTypesRoundTripTest {
  private static EmbeddedPostgres server;
  private static Connection connection;
  private static Connection applying;

  @BeforeAll
  static void start() throws Exception {
    server = EmbeddedPostgres.start(18);
    Properties settings = new Properties();
    settings.put("user", "postgres");
    settings.put("binaryTransfer", "false"); // capture reads text
    connection = new PgDatabase(server.jdbcUrl("postgres"), settings, () -> "").connect();
    settings.remove("binaryTransfer");
    // Apply sends arrays of all types in their binary form.
    settings.put("binaryTransferEnable", "1000,1001,1016,1009,1182,1183,1115,1185,1021,1022,2951");
    applying = new PgDatabase(server.jdbcUrl("postgres"), settings, () -> "").connect();
  }

  @AfterAll
  static void stop() throws Exception {
    connection.close();
    applying.close();
    server.close();
  }

  @TestFactory
  Stream<DynamicTest> everyValueComesThroughInEveryFormItCanTravelIn() {
    return EdgeValues.POSTGRES.stream()
        .map(type -> DynamicTest.dynamicTest(type.name(), () -> comesThrough(type)));
  }

  private static void comesThrough(EdgeValues.Type type) throws SQLException {
    execute("DROP TABLE IF EXISTS source, target");
    execute("CREATE TABLE source (id serial, v " + type.name() + ")");
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO source (v) VALUES (?::text::" + type.name() + ")")) {
      for (String value : type.values()) {
        insert.setString(1, value);
        insert.execute();
      }
    }
    Target target = target("source");
    LogicalType own = PgTypes.logicalType(target.oid, target.typeName);
    List<byte[]> texts = texts("source");
    for (LogicalType form : LogicalType.values()) {
      if (PgAgreedForm.canYield(own, form)) {
        execute("DROP TABLE IF EXISTS target");
        execute("CREATE TABLE target (id serial, v " + type.name() + ")");
        List<Bytes> sent = texts.stream().map(text -> canonical(own, form, text)).toList();
        apply(form, target, sent);
        assertThat(texts("target")).as("as %s", form).hasSameSizeAs(texts);
        assertThat(
                query(
                    "SELECT count(*) FROM source s JOIN target t USING (id)"
                        + " WHERE s.v::text COLLATE \"C\" IS DISTINCT FROM t.v::text"))
            .as("as %s", form)
            .isEqualTo("0");
        assertThat(texts("target").stream().map(text -> canonical(own, form, text)).toList())
            .as("as %s", form)
            .isEqualTo(sent);
      }
    }
  }

  @Test
  void whatAColumnCanNotHoldIsRefusedAndNeverChanged() throws SQLException {
    refused("boolean", LogicalType.INTEGER, Bytes.utf8("2"));
    refused("boolean", LogicalType.BOOLEAN, oneSided(LogicalType.BOOLEAN, "2"));
    refused("bigint", LogicalType.INTEGER, oneSided(LogicalType.INTEGER, "NaN"));
    refused("bigint", LogicalType.DECIMAL, Bytes.utf8("1.5"));
    refused("smallint", LogicalType.INTEGER, Bytes.utf8("65535"));
    refused("date", LogicalType.DATE, oneSided(LogicalType.DATE, "0000-00-00"));
    refused(
        "timestamp", LogicalType.TIMESTAMP, oneSided(LogicalType.TIMESTAMP, "0000-00-00 00:00:00"));
    refused("time", LogicalType.TIME, micros(-1));
    refused("time", LogicalType.TIME, micros(86_400_000_001L));
    refused("uuid", LogicalType.UUID, oneSided(LogicalType.UUID, "no uuid"));
    refused("uuid", LogicalType.TEXT, Bytes.utf8("123E4567-E89B-12D3-A456-426614174000"));
    refused("uuid", LogicalType.BYTES, Bytes.wrap(new byte[15]));
    refused("text", LogicalType.TEXT, Bytes.wrap(new byte[] {'a', 0, 'b'}));
    refused("json", LogicalType.TEXT, Bytes.utf8("no json"));
    refused("character varying(3)", LogicalType.TEXT, Bytes.utf8("abcd"));
  }

  private static void refused(String type, LogicalType form, Bytes value) throws SQLException {
    execute("DROP TABLE IF EXISTS target");
    execute("CREATE TABLE target (id serial, v " + type + ")");
    Target target = target("target");
    assertThatThrownBy(() -> apply(form, target, List.of(value)))
        .as("%s as %s", type, form)
        .isInstanceOf(SQLException.class);
    assertThat(query("SELECT count(*) FROM target")).isEqualTo("0");
  }

  private static Bytes oneSided(LogicalType type, String text) {
    return OneSidedValue.of(type, Bytes.utf8(text));
  }

  private static Bytes micros(long micros) {
    return new ByteSink().putInt64(micros).toBytes();
  }

  // ---- as capture and apply do it

  private static Bytes canonical(LogicalType own, LogicalType form, byte[] text) {
    ByteSink sink = new ByteSink();
    PgAgreedForm.write(own, form, text, 0, text.length, new TupleWriter(sink));
    TupleReader reader = new Tuple(sink.toBytes()).reader();
    reader.next();
    return reader.value().detached();
  }

  private static void apply(LogicalType form, Target target, List<Bytes> values)
      throws SQLException {
    ElementCoding coding = ElementCoding.of(form, target.oid);
    ArrayParameter parameter = new ArrayParameter(coding, form);
    for (Bytes value : values) {
      parameter.add(value);
    }
    try (PreparedStatement insert =
        applying.prepareStatement(
            "INSERT INTO target (v) SELECT u.v::"
                + target.castType
                + " FROM unnest(?::"
                + coding.typeName()
                + "[]) WITH ORDINALITY AS u (v, n) ORDER BY n")) {
      insert.setObject(1, parameter);
      insert.execute();
    }
  }

  private record Target(int oid, String typeName, String castType) {}

  private static Target target(String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT a.atttypid::bigint, t.typname, format_type(a.atttypid, -1)"
                    + " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
                    + " WHERE a.attrelid = '"
                    + table
                    + "'::regclass AND a.attname = 'v'")) {
      row.next();
      return new Target((int) row.getLong(1), row.getString(2), row.getString(3));
    }
  }

  private static List<byte[]> texts(String table) throws SQLException {
    List<byte[]> texts = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT v FROM " + table + " ORDER BY id")) {
      while (row.next()) {
        texts.add(row.getString(1).getBytes(StandardCharsets.UTF_8));
      }
    }
    return texts;
  }

  private static void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
