package io.spokewire.agent.apply.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.mysql.cj.jdbc.JdbcConnection;
import io.spokewire.agent.schema.mysql.MyTestSite;
import io.spokewire.agent.schema.mysql.MyTypes;
import io.spokewire.agent.schema.mysql.MyValueEncoder;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.TableName;
import io.spokewire.testing.EdgeValues;
import io.spokewire.testing.EdgeValues.Type;
import io.spokewire.testing.EmbeddedMySql;
import io.spokewire.testing.EmbeddedMySql.Flavour;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * Every edge value of every type through capture's reading, each logical type that it can travel
 * in, and apply's parameters, into another column of the type, on a real server.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MyTypesRoundTripContract {
  /** What only the same engine takes, and so is no part of what engines exchange. */
  private static final List<Type> MORE =
      List.of(
          new Type("int unsigned zerofill", List.of("7", "4294967295")),
          new Type("double", List.of("4.9e-323", "-1e22", "123456789.123")),
          new Type("float", List.of("1e-45 * 10", "-16777216.0")),
          new Type("char(5) character set utf8mb4", List.of("'ä '", "'😀x'")),
          new Type("varchar(20) character set latin1", List.of("'grün €  '")),
          new Type("date", List.of("'2024-02-31'", "'2023-00-00'", "'0001-01-01'", "'1969-12-31'")),
          new Type("time(6)", List.of("'00:00:00.000001'", "'-00:00:00.5'")),
          new Type("datetime(6)", List.of("'2024-00-15 10:00:00.25'", "'1969-12-31 23:59:59.5'")),
          new Type("timestamp(3) null", List.of("'0000-00-00 00:00:00'", "'2023-03-26 01:30:00'")),
          new Type("enum('a','b''c','ü') character set utf8mb4", List.of("'b''c'", "'ü'")),
          new Type("bit(10)", List.of("b'1000000001'")),
          new Type("json", List.of("'{\"b\": [1, 2.5, null, true], \"a\": \"ü\\\\n\"}'", "'null'")),
          new Type("geometry", List.of("ST_GeomFromText('POINT(1 2)', 4326)")));

  private final Flavour flavour;
  private EmbeddedMySql server;
  private MyTestSite site;
  private Connection connection;

  MyTypesRoundTripContract(Flavour flavour) {
    this.flavour = flavour;
  }

  @BeforeAll
  void start() throws Exception {
    server = EmbeddedMySql.start(flavour, MyTestSite.STRANGE_DEFAULTS);
    site = new MyTestSite(server);
    connection = site.asOwner.connect();
  }

  @AfterAll
  void stop() throws Exception {
    connection.close();
    server.close();
  }

  @TestFactory
  Stream<DynamicTest> everyValueComesThroughInEveryFormItCanTravelIn() {
    List<Type> types = new ArrayList<>(EdgeValues.MYSQL);
    types.addAll(MORE);
    if (flavour == Flavour.MARIADB) {
      types.addAll(EdgeValues.MARIADB);
    }
    return types.stream()
        .map(type -> DynamicTest.dynamicTest(type.name(), () -> comesThrough(type)));
  }

  private void comesThrough(Type type) throws SQLException {
    String declared = type.name().replace(" null", "");
    makeTable("source", type);
    for (String value : type.values()) {
      execute("INSERT INTO source (v) VALUES (" + value + ")");
    }
    MyColumn column = column();
    LogicalType own = MyTypes.logicalType(declared);
    assertThat(ValueCoding.of(own, column)).as("its own logical type").isNotNull();
    for (LogicalType form : LogicalType.values()) {
      Optional<MyValueEncoder> encoder = encoder(declared, form);
      ValueCoding coding = ValueCoding.of(form, column);
      if (encoder.isPresent() && coding != null) {
        List<Bytes> sent = canonical("source", type, encoder.get());
        for (Sending way : Sending.values()) {
          makeTable("target", type);
          apply(coding, sent, way);
          assertThat(canonical("target", type, encoder.get()))
              .as("as %s, %s", form, way)
              .isEqualTo(sent);
          assertThat(
                  site.query(
                      "SELECT count(*) FROM source s JOIN target t USING (id)"
                          + " WHERE NOT HEX(s.v) <=> HEX(t.v)"))
              .as("as %s, %s", form, way)
              .isEqualTo("0");
        }
      }
    }
  }

  private static Optional<MyValueEncoder> encoder(String type, LogicalType form) {
    try {
      return Optional.of(MyValueEncoder.of(type, form));
    } catch (Fault fault) {
      return Optional.empty(); // its values can't travel so
    }
  }

  private MyColumn column() throws SQLException {
    try (Connection reading = site.asAgent.connect()) {
      return MyTargetCatalogue.read(
              reading,
              site.catalogue(site.scope("source")).find(new TableName("source")).orElseThrow())
          .orElseThrow()
          .columns()
          .get("v");
    }
  }

  /** The values of a table in the order of their ids. */
  private List<Bytes> canonical(String table, Type type, MyValueEncoder encoder)
      throws SQLException {
    // The server rounds a float's text.
    String value = type.name().startsWith("float") ? "v + 0e0" : "v";
    List<Bytes> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT " + value + " FROM " + table + " ORDER BY id")) {
      while (row.next()) {
        byte[] bytes = row.getBytes(1);
        ByteSink sink = new ByteSink();
        encoder.writeCanonical(bytes, 0, bytes.length, new TupleWriter(sink));
        TupleReader reader = new Tuple(sink.toBytes()).reader();
        assertThat(reader.next()).isTrue();
        values.add(reader.value());
      }
    }
    return values;
  }

  /** The two ways in which values are sent. */
  private enum Sending {
    LITERALS {
      @Override
      PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        return connection.prepareStatement(sql);
      }
    },
    PREPARED {
      @Override
      PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        return connection.unwrap(JdbcConnection.class).serverPrepareStatement(sql);
      }
    };

    abstract PreparedStatement prepare(Connection connection, String sql) throws SQLException;
  }

  private void apply(ValueCoding coding, List<Bytes> values, Sending way) throws SQLException {
    try (PreparedStatement insert = way.prepare(connection, "INSERT INTO target (v) VALUES (?)")) {
      for (Bytes value : values) {
        coding.bind(insert, 1, value);
        insert.executeUpdate();
      }
    }
  }

  private void makeTable(String name, Type type) throws SQLException {
    execute("DROP TABLE IF EXISTS " + name);
    execute(
        "CREATE TABLE "
            + name
            + " (id int AUTO_INCREMENT PRIMARY KEY, v "
            + type.name()
            + ") CHARACTER SET utf8mb4");
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
