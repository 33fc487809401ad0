package io.spokewire.agent.apply.mysql;

import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.OneSidedValue;
import io.spokewire.common.type.JsonNumbers;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How canonical values of a logical type get into a column: as which kind of literal, and how they
 * compare there. A function of the logical type and the column's own. Immutable.
 *
 * <p>Literals of one column are all of one kind, so that a list of rows has one type for it and
 * nothing is converted by the way. What the server would change silently (a number to the nearest
 * that fits, a cast beyond its range) is refused here, with the state that a server would give.
 */
final class ValueCoding {
  private static final long NOT_SMALL = Long.MIN_VALUE;

  private final LogicalType type;
  private final MyColumn column;
  private final Literal literal;
  private final BigInteger least; // of a whole number's column
  private final BigInteger most;
  private final long leastLong; // likewise, as far as a long reaches
  private final long mostLong;

  private ValueCoding(LogicalType type, MyColumn column, Literal literal) {
    this.type = type;
    this.column = column;
    this.literal = literal;
    this.least = column.isWhole() ? column.least() : BigInteger.ZERO;
    this.most = column.isWhole() ? column.most() : BigInteger.ZERO;
    this.leastLong = least.longValueExact();
    this.mostLong = most.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact();
  }

  private enum Literal {
    /** A whole number. */
    NUMBER("0"),
    /** A text, also for all that the server reads from one without a loss. */
    TEXT("''"),
    BYTES("_binary''");

    private final String example;

    Literal(String example) {
      this.example = example;
    }
  }

  /** The coding, or null where such values have no place in such a column. */
  static @Nullable ValueCoding of(LogicalType type, MyColumn column) {
    Literal literal = literal(type, column);
    return literal == null ? null : new ValueCoding(type, column, literal);
  }

  private static @Nullable Literal literal(LogicalType type, MyColumn column) {
    String to = column.type();
    boolean fits =
        switch (type) {
          case BOOLEAN -> column.isWhole() || to.equals("bit") || to.equals("decimal");
          case INTEGER, DECIMAL ->
              column.isWhole()
                  || to.equals("decimal")
                  || to.equals("year")
                  || (to.equals("bit") && type == LogicalType.INTEGER);
          case FLOAT32, FLOAT64 -> to.equals("float") || to.equals("double");
          case TEXT -> column.isText() || to.equals("json") || isAddress(to) || to.equals("uuid");
          case JSON -> column.isText() || to.equals("json");
          case BYTES ->
              column.isBinary() || column.isShape() || to.equals("uuid") || to.equals("bit");
          case UUID -> column.isText() || column.isBinary() || to.equals("uuid");
          case DATE -> to.equals("date");
          case TIME -> to.equals("time");
          case TIMESTAMP, TIMESTAMP_TZ -> to.equals("datetime") || to.equals("timestamp");
          case NATIVE -> !column.isBinary() || to.equals("vector");
        };
    if (!fits) {
      return null;
    }
    return switch (type) {
      case BOOLEAN, INTEGER, DECIMAL -> to.equals("decimal") ? Literal.TEXT : Literal.NUMBER;
      case BYTES -> to.equals("uuid") ? Literal.TEXT : Literal.BYTES;
      case UUID -> column.isBinary() ? Literal.BYTES : Literal.TEXT;
      case NATIVE -> {
        boolean isStored = column.isShape() || to.equals("vector");
        yield to.equals("bit") ? Literal.NUMBER : isStored ? Literal.BYTES : Literal.TEXT;
      }
      default -> Literal.TEXT;
    };
  }

  private static boolean isAddress(String to) {
    return to.equals("inet6") || to.equals("inet4");
  }

  /** A literal of the kind that {@link #bind} makes. */
  String example() {
    return literal.example;
  }

  /** Binds one value; an SQLException of class 22 if the column can't hold it. */
  void bind(PreparedStatement statement, int index, Bytes value) throws SQLException {
    if (OneSidedValue.is(type, value)) {
      bindOneSided(statement, index, OneSidedValue.text(value));
      return;
    }
    switch (type) {
      case BOOLEAN -> statement.setInt(index, value.at(0) == 't' ? 1 : 0);
      case INTEGER, DECIMAL -> bindNumber(statement, index, value);
      case FLOAT32 -> bindFloat(statement, index, Float.intBitsToFloat(int32(value)));
      case FLOAT64 -> bindFloat(statement, index, Double.longBitsToDouble(int64(value)));
      case TEXT -> statement.setString(index, value.toUtf8());
      case JSON -> bindJson(statement, index, value);
      case BYTES -> bindBytes(statement, index, value);
      case UUID -> {
        if (literal == Literal.BYTES) {
          statement.setBytes(index, value.toByteArray());
        } else {
          statement.setString(index, TimeText.uuid(value));
        }
      }
      case DATE -> statement.setString(index, TimeText.date(int32(value)));
      case TIME -> statement.setString(index, TimeText.time(int64(value)));
      case TIMESTAMP, TIMESTAMP_TZ -> statement.setString(index, TimeText.instant(int64(value)));
      case NATIVE -> {
        switch (literal) {
          case NUMBER -> statement.setBigDecimal(index, new BigDecimal(bits(value)));
          case BYTES -> statement.setBytes(index, value.toByteArray());
          case TEXT -> statement.setString(index, value.toUtf8());
        }
      }
    }
  }

  /** What only such a column can hold goes as its text, which another column's server refuses. */
  private void bindOneSided(PreparedStatement statement, int index, Bytes text)
      throws SQLException {
    boolean isNumber =
        literal == Literal.NUMBER || type == LogicalType.INTEGER || type == LogicalType.DECIMAL;
    if (isNumber) {
      bindNumber(statement, index, text);
    } else if (type == LogicalType.FLOAT32 || type == LogicalType.FLOAT64) {
      throw outOfRange(); // a float of ours is always one
    } else if (literal == Literal.BYTES) {
      statement.setBytes(index, unhexed(text));
    } else {
      statement.setString(index, text.toUtf8());
    }
  }

  private byte[] unhexed(Bytes text) throws SQLException {
    try {
      return HexFormat.of().parseHex(text.toUtf8());
    } catch (IllegalArgumentException e) {
      throw outOfRange();
    }
  }

  /** Binds what is to be added to the column. */
  void bindDelta(PreparedStatement statement, int index, Bytes value) throws SQLException {
    if (literal == Literal.NUMBER) {
      statement.setBigDecimal(index, number(value));
    } else {
      statement.setString(index, value.toUtf8());
    }
  }

  private void bindNumber(PreparedStatement statement, int index, Bytes value) throws SQLException {
    if (column.isWhole()) {
      long number = small(value);
      if (number != NOT_SMALL && number >= leastLong && number <= mostLong) {
        statement.setLong(index, number);
        return;
      }
    }
    if (literal == Literal.TEXT && isPlainlyWithin(value)) {
      statement.setString(index, value.toUtf8());
      return;
    }
    BigDecimal number = number(value);
    if (literal == Literal.TEXT) {
      // Beyond the scale the server would round without a word, and a cast beyond its range too.
      BigDecimal plain = number.stripTrailingZeros();
      if (plain.scale() > column.scale()
          || plain.precision() - plain.scale() > column.precision() - column.scale()) {
        throw outOfRange();
      }
      statement.setString(index, value.toUtf8());
      return;
    }
    try {
      BigInteger whole = number.toBigIntegerExact();
      if (!holds(whole)) {
        throw outOfRange();
      }
      statement.setBigDecimal(index, new BigDecimal(whole));
    } catch (ArithmeticException e) {
      throw outOfRange();
    }
  }

  /** The whole number of up to 18 digits that a text is, or {@link #NOT_SMALL}. */
  private static long small(Bytes text) {
    int length = text.length();
    int first = length > 0 && text.at(0) == '-' ? 1 : 0;
    if (length == first || length - first > 18) {
      return NOT_SMALL;
    }
    long number = 0;
    for (int i = first; i < length; i++) {
      int digit = text.at(i) - '0';
      if (digit < 0 || digit > 9) {
        return NOT_SMALL;
      }
      number = number * 10 + digit;
    }
    return first == 1 ? -number : number;
  }

  /** Whether a text is a number with no more digits on either side than the column's. */
  private boolean isPlainlyWithin(Bytes text) {
    int digits = 0;
    int point = -1;
    for (int i = text.length() > 0 && text.at(0) == '-' ? 1 : 0; i < text.length(); i++) {
      byte at = text.at(i);
      if (at >= '0' && at <= '9') {
        digits++;
      } else if (at == '.' && point < 0) {
        point = digits;
      } else {
        return false;
      }
    }
    int whole = point < 0 ? digits : point;
    return whole > 0
        && whole <= column.precision() - column.scale()
        && digits - whole <= column.scale();
  }

  private boolean holds(BigInteger number) {
    return switch (column.type()) {
      case "bit" -> number.signum() >= 0 && number.bitLength() <= column.precision();
      // One and two digits would be years of this or the last century.
      case "year" ->
          number.signum() == 0
              || isBetween(BigInteger.valueOf(1901), number, BigInteger.valueOf(2155));
      default -> isBetween(least, number, most);
    };
  }

  private static boolean isBetween(BigInteger least, BigInteger number, BigInteger most) {
    return number.compareTo(least) >= 0 && number.compareTo(most) <= 0;
  }

  private BigDecimal number(Bytes value) throws SQLException {
    try {
      return new BigDecimal(value.toUtf8());
    } catch (NumberFormatException e) {
      throw outOfRange(); // NaN, Infinity
    }
  }

  /** As text, which keeps the sign of zero; the server reads it exactly. */
  private void bindFloat(PreparedStatement statement, int index, double value) throws SQLException {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw outOfRange();
    }
    statement.setString(index, Double.toString(value));
  }

  /** MySQL would round a number that 64 bits do not hold, without a word. */
  private void bindJson(PreparedStatement statement, int index, Bytes value) throws SQLException {
    if (column.type().equals("json") && !JsonNumbers.fit64Bits(value)) {
      throw outOfRange();
    }
    statement.setString(index, value.toUtf8());
  }

  private void bindBytes(PreparedStatement statement, int index, Bytes value) throws SQLException {
    if (literal == Literal.BYTES) {
      statement.setBytes(index, value.toByteArray());
    } else if (value.length() == 16) {
      statement.setString(index, TimeText.uuid(value));
    } else {
      throw outOfRange();
    }
  }

  private BigInteger bits(Bytes value) throws SQLException {
    try {
      return new BigInteger(value.toUtf8(), 2);
    } catch (NumberFormatException e) {
      throw outOfRange();
    }
  }

  private SQLException outOfRange() {
    return new SQLException(
        "Out of range value for column '" + column.name() + "'", "22003", MyErrors.OUT_OF_RANGE);
  }

  private static int int32(Bytes value) {
    return new ByteSource(value).readInt32();
  }

  private static long int64(Bytes value) {
    return new ByteSource(value).readInt64();
  }

  /**
   * A condition: whether the key column {@code left} holds {@code right}, which is of the list. An
   * index on the column can be used; texts are the same if their bytes are.
   */
  String finds(String left, String right) {
    String value = cast(right);
    if (!column.isText()) {
      return left + " = " + value;
    }
    return left
        + " = "
        + value
        + " COLLATE "
        + column.collation()
        + " AND "
        + bytes(left)
        + " = "
        + sent(right);
  }

  /** An expression: whether the column {@code left} holds {@code right}, NULL being a value. */
  String same(String left, String right) {
    if (column.isText()) {
      return bytes(left) + " <=> " + sent(right);
    }
    return switch (column.type()) {
      case "json" -> "CAST(" + left + " AS CHAR) <=> CAST(CAST(" + right + " AS JSON) AS CHAR)";
      case "bit" -> left + " + 0 <=> " + cast(right);
      default ->
          column.isShape()
              ? "HEX(" + left + ") <=> HEX(" + right + ")"
              : left + " <=> " + cast(right);
    };
  }

  /**
   * An expression: {@code right} if the condition holds, else what the column {@code left} has.
   * Both are made one type that holds either as it is.
   */
  String either(String condition, String left, String right) {
    String value =
        switch (column.type()) {
          case "decimal", "float", "double", "date", "time", "datetime", "timestamp" -> cast(right);
          default -> right;
        };
    String kept =
        column.isText()
            ? "CONVERT(" + left + " USING utf8mb4) COLLATE utf8mb4_bin"
            : column.type().equals("bit") ? left + " + 0" : left;
    return "IF(" + condition + ", " + value + ", " + kept + ")";
  }

  /** An expression: the column {@code left} and what is added to it. */
  String sum(String left, String right) {
    return switch (column.type()) {
      case "float", "double" -> left + " + (" + right + " + 0e0)";
      default -> left + " + CAST(" + right + " AS DECIMAL(65," + column.scale() + "))";
    };
  }

  /** A value of the list as the column would have it, so that both compare without a conversion. */
  private String cast(String value) {
    return switch (column.type()) {
      case "bigint", "int", "mediumint", "smallint", "tinyint" ->
          column.isUnsigned() ? "CAST(" + value + " AS UNSIGNED)" : "CAST(" + value + " AS SIGNED)";
      case "decimal" ->
          "CAST(" + value + " AS DECIMAL(" + column.precision() + "," + column.scale() + "))";
      case "float", "double" -> "(" + value + " + 0e0)";
      case "bit" -> "CAST(" + value + " AS UNSIGNED)";
      case "date" -> "CAST(" + value + " AS DATE)";
      case "time" -> "CAST(" + value + " AS TIME(" + column.digits() + "))";
      case "datetime", "timestamp" -> "CAST(" + value + " AS DATETIME(" + column.digits() + "))";
      case "binary" -> "CAST(" + value + " AS BINARY(" + column.length() + "))";
      default -> column.isText() ? text(value) : value;
    };
  }

  /** For a search only: what the column's character set lacks is lost. */
  private String text(String value) {
    String converted =
        "utf8mb4".equals(column.charset())
            ? value
            : "CONVERT(" + value + " USING " + column.charset() + ")";
    return trimmed(converted);
  }

  /** The bytes of a text in the column, in UTF-8. */
  private String bytes(String left) {
    String converted =
        "utf8mb4".equals(column.charset()) ? left : "CONVERT(" + left + " USING utf8mb4)";
    return "CAST(" + converted + " AS BINARY)";
  }

  /** The bytes of a text of the list, as the column would have it. */
  private String sent(String right) {
    return "CAST(" + trimmed(right) + " AS BINARY)";
  }

  /** The server keeps no spaces at the end of a CHAR. */
  private String trimmed(String value) {
    return column.type().equals("char") ? "TRIM(TRAILING ' ' FROM " + value + ")" : value;
  }
}
