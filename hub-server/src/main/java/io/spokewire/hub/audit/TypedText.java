package io.spokewire.hub.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** What a person types, as a value of a column: the other way round than {@link ReadableValue}. */
public final class TypedText {
  private TypedText() {}

  /**
   * A value of this column.
   *
   * @throws IllegalArgumentException if the text is none, saying what would be
   */
  public static Field value(Column column, String text) {
    try {
      return Field.ofValue(canonical(column.type(), text));
    } catch (ArithmeticException | DateTimeException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is no value of %s, which is %s: write %s"
              .formatted(text, column.name(), column.nativeType(), example(column.type())),
          e);
    }
  }

  /**
   * A row with some columns changed.
   *
   * @param row what the others hold
   * @param json an object of columns and their new values
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static Tuple row(TableSchema schema, Tuple row, String json) {
    Field[] fields = new Field[schema.columns().size()];
    Arrays.fill(fields, Field.UNCHANGED);
    TupleReader reader = row.reader();
    while (reader.next()) {
      fields[reader.ordinal()] = reader.field();
    }
    for (Map.Entry<String, JsonNode> entry : object(json).properties()) {
      int ordinal = schema.ordinalOf(entry.getKey());
      if (ordinal < 0 || schema.isKey(ordinal)) {
        throw new IllegalArgumentException(
            ordinal < 0
                ? schema.table() + " has no column " + entry.getKey()
                : entry.getKey() + " is the row's key");
      }
      JsonNode value = entry.getValue();
      fields[ordinal] =
          value.isNull()
              ? Field.NULL
              : value(
                  schema.columns().get(ordinal),
                  value.isTextual() ? value.textValue() : plain(value));
    }
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    for (Field field : fields) {
      tuple.put(field);
    }
    return new Tuple(sink.toBytes());
  }

  private static String plain(JsonNode value) {
    return value.isNumber() ? value.decimalValue().toPlainString() : value.toString();
  }

  private static JsonNode object(String json) {
    try {
      JsonNode node = JsonText.MAPPER.readTree(json);
      if (node != null && node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      // told below
    }
    throw new IllegalArgumentException(
        "'" + json + "' is no JSON object of columns, such as {\"email\": \"ann@example.com\"}");
  }

  private static Bytes canonical(LogicalType type, String text) {
    return switch (type) {
      case BOOLEAN -> Bytes.utf8(bool(text));
      case INTEGER -> Bytes.utf8(new BigInteger(text.strip()).toString());
      case DECIMAL -> Bytes.utf8(decimal(text.strip()));
      case FLOAT32 ->
          new ByteSink().putInt32(Float.floatToIntBits(Float.parseFloat(text))).toBytes();
      case FLOAT64 ->
          new ByteSink().putInt64(Double.doubleToLongBits(Double.parseDouble(text))).toBytes();
      case TEXT, NATIVE -> Bytes.utf8(text);
      case BYTES -> bytes(text.strip());
      case DATE ->
          new ByteSink()
              .putInt32(Math.toIntExact(LocalDate.parse(text.strip()).toEpochDay()))
              .toBytes();
      case TIME ->
          new ByteSink().putInt64(LocalTime.parse(text.strip()).toNanoOfDay() / 1000).toBytes();
      case TIMESTAMP ->
          new ByteSink().putInt64(micros(local(text).toInstant(ZoneOffset.UTC))).toBytes();
      case TIMESTAMP_TZ -> new ByteSink().putInt64(micros(Instant.parse(zoned(text)))).toBytes();
      case UUID -> uuid(UUID.fromString(text.strip()));
      case JSON -> json(text);
    };
  }

  private static String bool(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "t", "yes" -> "t";
      case "false", "f", "no" -> "f";
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static String decimal(String text) {
    return switch (text) {
      case "NaN", "Infinity", "-Infinity" -> text;
      default -> new BigDecimal(text).toPlainString();
    };
  }

  private static Bytes bytes(String text) {
    if (!text.startsWith("0x")) {
      throw new IllegalArgumentException(text);
    }
    return Bytes.wrap(HexFormat.of().parseHex(text.substring(2)));
  }

  private static LocalDateTime local(String text) {
    return LocalDateTime.parse(text.strip().replace(' ', 'T'));
  }

  private static String zoned(String text) {
    return text.strip().replace(' ', 'T');
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  private static Bytes uuid(UUID uuid) {
    return new ByteSink()
        .putInt64(uuid.getMostSignificantBits())
        .putInt64(uuid.getLeastSignificantBits())
        .toBytes();
  }

  private static Bytes json(String text) {
    try {
      JsonText.MAPPER.readTree(text);
      return Bytes.utf8(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static String example(LogicalType type) {
    return switch (type) {
      case BOOLEAN -> "true or false";
      case INTEGER -> "a whole number";
      case DECIMAL, FLOAT32, FLOAT64 -> "a number such as 12.50";
      case TEXT, NATIVE -> "text";
      case BYTES -> "hexadecimal digits after 0x";
      case DATE -> "2026-01-31";
      case TIME -> "13:45:00";
      case TIMESTAMP -> "2026-01-31T13:45:00";
      case TIMESTAMP_TZ -> "2026-01-31T13:45:00Z";
      case UUID -> "a UUID";
      case JSON -> "JSON";
    };
  }
}
