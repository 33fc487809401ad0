package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.mysql.TablePlan.Form;
import io.spokewire.agent.capture.mysql.TablePlan.Value;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.schema.mysql.MyShape;
import io.spokewire.agent.schema.mysql.MyShape.MyColumn;
import io.spokewire.agent.schema.mysql.MyTypes;
import io.spokewire.agent.schema.mysql.MyValueEncoder;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.common.type.NativeType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Plans from table maps and the catalogue. The map counts for what lies in the rows, because it is
 * as old as they are; the present catalogue adds what the map does not say, and is checked against
 * it. Not thread-safe.
 */
final class TablePlans {
  private static final LocalName CHECKPOINT = new LocalName("spokewire", "checkpoint");
  private static final LocalName BARRIER = new LocalName("spokewire", "barrier");

  private final TableScope scope;
  private final AgreedTypes agreed;
  private final Session session;
  private final CharacterSets characterSets = new CharacterSets();
  private final Map<TableMap, TablePlan> known = new HashMap<>();

  TablePlans(TableScope scope, AgreedTypes agreed, Session session) {
    this.scope = scope;
    this.agreed = agreed;
    this.session = session;
  }

  /** After a change of the schema the catalogue says something else. */
  void forget() {
    known.clear();
  }

  /** The topology-wide name of a table in scope. */
  Optional<TableName> nameOf(LocalName local) {
    return scope.nameOf(local);
  }

  /** The present shape of a table in scope, for changes that come without a table map. */
  Optional<TableSchema> presentSchema(LocalName local) {
    return scope
        .nameOf(local)
        .flatMap(
            name ->
                session.call(
                    "read the shape of " + name,
                    connection -> {
                      MyCatalogue catalogue = new MyCatalogue(connection);
                      return catalogue.refuses(local)
                          ? Optional.<TableSchema>empty()
                          : catalogue
                              .shape(local)
                              .map(
                                  shape ->
                                      agreed.in(
                                          TableSchema.of(name, shape.columns(), shape.key())));
                    }));
  }

  TablePlan planFor(TableMap map) {
    TablePlan plan = known.get(map);
    if (plan == null) {
      LocalName local = new LocalName(map.database(), map.table());
      if (local.equals(CHECKPOINT)) {
        plan = ofMarks(map, local, "marker");
      } else if (local.equals(BARRIER)) {
        plan = ofMarks(map, local, "mark");
      } else {
        plan = scope.nameOf(local).map(name -> make(name, local, map)).orElse(TablePlan.OUTSIDE);
      }
      known.put(map, plan);
    }
    return plan;
  }

  private TablePlan ofMarks(TableMap map, LocalName local, String column) {
    List<String> names = map.names();
    if (names == null) {
      names =
          present(local)
              .map(shape -> shape.all().stream().map(c -> c.column().name()).toList())
              .orElse(List.of());
    }
    int index = names.indexOf(column);
    boolean blob = index >= 0 && index < map.columns() && map.types()[index] == TableMap.BLOB;
    return blob ? TablePlan.ofMarks(map, index) : TablePlan.OUTSIDE;
  }

  private Optional<MyShape> present(LocalName local) {
    return session.call(
        "read the shape of " + local, connection -> new MyCatalogue(connection).shape(local));
  }

  private TablePlan make(TableName name, LocalName local, TableMap map) {
    return session.call(
        "read the shape of " + name,
        connection -> {
          MyCatalogue catalogue = new MyCatalogue(connection);
          if (catalogue.refuses(local)) {
            return TablePlan.OUTSIDE;
          }
          Optional<MyShape> present = catalogue.shape(local);
          List<String> names = names(local, map, present);
          Map<String, MyColumn> byName = new HashMap<>();
          present.ifPresent(shape -> shape.all().forEach(c -> byName.put(c.column().name(), c)));
          List<Column> columns = new ArrayList<>();
          List<Value> values = new ArrayList<>();
          int[] ordinals = new int[map.columns()];
          for (int i = 0; i < map.columns(); i++) {
            MyColumn now = byName.get(names.get(i));
            if (now != null && now.generated()) {
              ordinals[i] = -1;
              continue;
            }
            ordinals[i] = columns.size();
            Column column = column(connection, names.get(i), map, i, now);
            LogicalType type = agreed.of(name, column.name(), column.type());
            columns.add(new Column(column.name(), type, column.nativeType(), column.nullable()));
            values.add(value(connection, map, i, column.nativeType(), type, now));
          }
          TableSchema schema =
              TableSchema.of(name, columns, key(map, ordinals, names, columns, present));
          return TablePlan.of(map, schema, values.toArray(Value[]::new));
        });
  }

  private static List<String> names(LocalName local, TableMap map, Optional<MyShape> present) {
    List<String> names = map.names();
    if (names != null) {
      return names;
    }
    if (present.isEmpty() || present.get().all().size() != map.columns()) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "capture",
              "the log has rows of an earlier shape, and does not name its columns")
          .at(local)
          .hint(
              "SET GLOBAL binlog_row_metadata = 'FULL'; compare the site with the others, then let"
                  + " it rejoin")
          .build();
    }
    return present.get().all().stream().map(c -> c.column().name()).toList();
  }

  private static List<Integer> key(
      TableMap map,
      int[] ordinals,
      List<String> names,
      List<Column> columns,
      Optional<MyShape> present) {
    List<Integer> key = new ArrayList<>();
    int[] said = map.key();
    if (said != null) {
      for (int column : said) {
        key.add(ordinals[column]);
      }
    } else if (map.names() == null && present.isPresent()) {
      List<Column> now = present.get().columns();
      List<String> kept = columns.stream().map(Column::name).toList();
      present.get().key().forEach(k -> key.add(kept.indexOf(now.get(k).name())));
    }
    return key.contains(-1) ? List.of() : key;
  }

  /** As the catalogue has it if that fits the map, else as the map has it. */
  private Column column(
      Connection connection, String name, TableMap map, int index, @Nullable MyColumn now)
      throws SQLException {
    if (now != null && fits(connection, map, index, now)) {
      return now.column();
    }
    if (map.names() == null) {
      throw map.unreadable(index);
    }
    String nativeType = nativeType(connection, map, index);
    return new Column(name, MyTypes.logicalType(nativeType), nativeType, true);
  }

  private boolean fits(Connection connection, TableMap map, int index, MyColumn now)
      throws SQLException {
    NativeType type = NativeType.parse(DatabaseEngine.MYSQL, now.column().nativeType());
    int meta = map.meta()[index];
    boolean same =
        switch (map.types()[index]) {
          case TableMap.TINY -> type.name().equals("tinyint");
          case TableMap.SHORT -> type.name().equals("smallint");
          case TableMap.INT24 -> type.name().equals("mediumint");
          case TableMap.LONG -> type.name().equals("int");
          case TableMap.LONGLONG -> type.name().equals("bigint");
          case TableMap.FLOAT -> type.name().equals("float");
          case TableMap.DOUBLE -> type.name().equals("double");
          case TableMap.YEAR -> type.name().equals("year");
          case TableMap.DATE -> type.name().equals("date");
          case TableMap.TIME2 -> type.name().equals("time") && meta == argument(type, 0, 0);
          case TableMap.DATETIME2 -> type.name().equals("datetime") && meta == argument(type, 0, 0);
          case TableMap.TIMESTAMP2 ->
              type.name().equals("timestamp") && meta == argument(type, 0, 0);
          case TableMap.NEWDECIMAL ->
              type.name().equals("decimal")
                  && meta == (argument(type, 0, 10) << 8 | argument(type, 1, 0));
          case TableMap.BIT ->
              type.name().equals("bit") && (meta >> 8) * 8 + (meta & 0xFF) == argument(type, 0, 1);
          case TableMap.ENUM ->
              type.name().equals("enum") && sameLabels(connection, map, index, now, type);
          case TableMap.SET ->
              type.name().equals("set") && sameLabels(connection, map, index, now, type);
          case TableMap.JSON -> type.name().equals("json");
          // The log does not say of which kind, nor of how many dimensions.
          case TableMap.GEOMETRY -> MyTypes.isShape(type.name());
          case TableMap.VECTOR -> type.name().equals("vector");
          case TableMap.VARCHAR, TableMap.VAR_STRING ->
              switch (type.name()) {
                case "varchar", "varbinary" -> true;
                case "vector" -> meta == 4 * argument(type, 0, 0); // of MariaDB, by its bytes
                default -> false;
              };
          case TableMap.STRING ->
              switch (type.name()) {
                case "char", "binary" -> true;
                case "uuid", "inet6" -> meta == 16;
                case "inet4" -> meta == 4;
                default -> false;
              };
          case TableMap.BLOB ->
              type.name().endsWith("blob")
                  || type.name().endsWith("text")
                  || type.name().equals("json");
          default -> throw map.unreadable(index);
        };
    boolean[] unsigned = map.unsigned();
    boolean sign = unsigned == null || map.names() == null || unsigned[index] == type.unsigned();
    int[] collations = map.collations();
    boolean set = true;
    if (collations != null && map.names() != null && collations[index] != 0) {
      String said = characterSets.nameOf(connection, collations[index]);
      boolean binary = said.isEmpty() || said.equals("binary");
      set =
          binary
              ? now.characterSet().isEmpty() || type.name().equals("json")
              : said.equals(now.characterSet());
    }
    return same && sign && set;
  }

  private boolean sameLabels(
      Connection connection, TableMap map, int index, MyColumn now, NativeType type)
      throws SQLException {
    byte[][] labels = utf8Labels(connection, map, index, now.characterSet());
    if (labels == null) {
      return true;
    }
    List<String> texts = new ArrayList<>();
    for (byte[] label : labels) {
      texts.add(new String(label, java.nio.charset.StandardCharsets.UTF_8));
    }
    return texts.equals(type.labels());
  }

  private byte @Nullable [][] utf8Labels(
      Connection connection, TableMap map, int index, String otherwise) throws SQLException {
    List<byte[][]> all = map.labels();
    byte[][] labels = all == null ? null : all.get(index);
    if (labels == null) {
      return null;
    }
    int[] collations = map.collations();
    String name =
        collations == null || collations[index] == 0
            ? otherwise
            : characterSets.nameOf(connection, collations[index]);
    CharacterSet set = characterSets.named(connection, name.isEmpty() ? "utf8mb4" : name);
    byte[][] utf8 = new byte[labels.length][];
    for (int i = 0; i < labels.length; i++) {
      ByteSink sink = new ByteSink();
      set.append(labels[i], 0, labels[i].length, sink);
      utf8[i] = sink.toBytes().toByteArray();
    }
    return utf8;
  }

  private static boolean isBytes(NativeType type) {
    return type.name().endsWith("binary") || type.name().endsWith("blob");
  }

  private static int argument(NativeType type, int index, int otherwise) {
    return index < type.arguments().size() ? type.arguments().get(index) : otherwise;
  }

  /** The type in words, from the map alone. */
  private String nativeType(Connection connection, TableMap map, int index) throws SQLException {
    boolean[] unsigned = map.unsigned();
    String sign = unsigned != null && unsigned[index] ? " unsigned" : "";
    int meta = map.meta()[index];
    String digits = meta == 0 ? "" : "(" + meta + ")";
    int[] collations = map.collations();
    String set =
        collations == null || collations[index] == 0
            ? ""
            : characterSets.nameOf(connection, collations[index]);
    boolean binary = set.isEmpty() || set.equals("binary");
    String suffix = binary ? "" : " character set " + set;
    return switch (map.types()[index]) {
      case TableMap.TINY -> "tinyint" + sign;
      case TableMap.SHORT -> "smallint" + sign;
      case TableMap.INT24 -> "mediumint" + sign;
      case TableMap.LONG -> "int" + sign;
      case TableMap.LONGLONG -> "bigint" + sign;
      case TableMap.FLOAT -> "float" + sign;
      case TableMap.DOUBLE -> "double" + sign;
      case TableMap.YEAR -> "year";
      case TableMap.DATE -> "date";
      case TableMap.TIME2 -> "time" + digits;
      case TableMap.DATETIME2 -> "datetime" + digits;
      case TableMap.TIMESTAMP2 -> "timestamp" + digits;
      case TableMap.NEWDECIMAL -> "decimal(" + (meta >> 8) + "," + (meta & 0xFF) + ")" + sign;
      case TableMap.BIT -> "bit(" + ((meta >> 8) * 8 + (meta & 0xFF)) + ")";
      case TableMap.ENUM, TableMap.SET -> {
        byte[][] labels = utf8Labels(connection, map, index, "utf8mb4");
        if (labels == null) {
          throw map.unreadable(index);
        }
        List<String> quoted = new ArrayList<>();
        for (byte[] label : labels) {
          String text = new String(label, java.nio.charset.StandardCharsets.UTF_8);
          quoted.add("'" + text.replace("'", "''") + "'");
        }
        yield (map.types()[index] == TableMap.ENUM ? "enum(" : "set(")
            + String.join(",", quoted)
            + ")";
      }
      case TableMap.JSON -> "json";
      case TableMap.GEOMETRY -> "geometry";
      case TableMap.VECTOR -> "vector";
      case TableMap.VARCHAR, TableMap.VAR_STRING ->
          (binary ? "varbinary(" : "varchar(") + meta + ")" + suffix;
      case TableMap.STRING -> (binary ? "binary(" : "char(") + meta + ")" + suffix;
      case TableMap.BLOB -> binary ? "longblob" : "longtext" + suffix;
      default -> throw map.unreadable(index);
    };
  }

  private Value value(
      Connection connection,
      TableMap map,
      int index,
      String nativeType,
      LogicalType type,
      @Nullable MyColumn now)
      throws SQLException {
    NativeType parsed = NativeType.parse(DatabaseEngine.MYSQL, nativeType);
    Form form = form(map, index, parsed);
    CharacterSet text = null;
    if (form == Form.TEXT) {
      int[] collations = map.collations();
      String name =
          collations == null || collations[index] == 0
              ? now == null ? "utf8mb4" : now.characterSet()
              : characterSets.nameOf(connection, collations[index]);
      CharacterSet set = characterSets.named(connection, name.isEmpty() ? "utf8mb4" : name);
      text = set.isUtf8() ? null : set;
    }
    byte[][] labels = null;
    if (form == Form.ENUM || form == Form.SET) {
      labels = utf8Labels(connection, map, index, now == null ? "utf8mb4" : now.characterSet());
      if (labels == null) {
        labels = parsed.labels().stream().map(CharacterSets::utf8).toArray(byte[][]::new);
      }
    }
    boolean unsigned = parsed.unsigned();
    return new Value(index, form, unsigned, text, labels, MyValueEncoder.of(nativeType, type));
  }

  private static Form form(TableMap map, int index, NativeType type) {
    return switch (map.types()[index]) {
      case TableMap.TINY, TableMap.SHORT, TableMap.INT24, TableMap.LONG, TableMap.LONGLONG ->
          Form.INTEGER;
      case TableMap.FLOAT -> Form.FLOAT;
      case TableMap.DOUBLE -> Form.DOUBLE;
      case TableMap.YEAR -> Form.YEAR;
      case TableMap.DATE -> Form.DATE;
      case TableMap.TIME2 -> Form.TIME;
      case TableMap.DATETIME2 -> Form.DATETIME;
      case TableMap.TIMESTAMP2 -> Form.TIMESTAMP;
      case TableMap.NEWDECIMAL -> Form.DECIMAL;
      case TableMap.BIT -> Form.BIT;
      case TableMap.ENUM -> Form.ENUM;
      case TableMap.SET -> Form.SET;
      case TableMap.JSON -> Form.JSON;
      case TableMap.GEOMETRY, TableMap.VECTOR -> Form.BYTES;
      default ->
          switch (type.name()) {
            case "uuid" -> Form.UUID;
            case "inet4", "inet6" -> Form.ADDRESS;
            case "binary" -> Form.FIXED_BYTES;
            default -> isBytes(type) || type.name().equals("vector") ? Form.BYTES : Form.TEXT;
          };
    };
  }
}
