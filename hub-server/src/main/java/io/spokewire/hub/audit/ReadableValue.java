package io.spokewire.hub.audit;

import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.OneSidedValue;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Canonical values as people read them. Pure. Bytes that are not what their type says are shown in
 * hexadecimal: the audit must take every conflict, whatever a peer sent.
 */
final class ReadableValue {
  private static final String EXISTENCE_TYPE = "existence";
  private static final long MICROS_PER_SECOND = 1_000_000;

  private ReadableValue() {}

  /** The type's name in the audit: {@code integer}, {@code timestamp_tz}, {@code existence}. */
  static String typeOf(TableSchema schema, String field) {
    if (field.equals(ConflictRecord.EXISTENCE)) {
      return EXISTENCE_TYPE;
    }
    return columnOf(schema, field)
        .map(column -> column.type().name().toLowerCase(Locale.ROOT))
        .orElse("");
  }

  /**
   * The field as text; empty for NULL and for a value that is not there. A row is a JSON object of
   * the columns that are known; empty if there is none.
   */
  static Optional<String> of(TableSchema schema, String name, FieldImage image) {
    Field field = image.value();
    if (name.equals(ConflictRecord.EXISTENCE)) {
      return exists(field) ? Optional.of(rowAsJson(schema, image.row())) : Optional.empty();
    }
    return switch (field.tag()) {
      case NULL, ABSENT, UNCHANGED -> Optional.empty();
      case VALUE -> Optional.of(text(schema, name, field.value()));
      case DELTA -> Optional.of(delta(field.value().toUtf8()));
      case PREVIOUS -> Optional.of(hex(field.encoded()));
    };
  }

  /** The key as a JSON object in key order: {@code {"id": 7}}. */
  static String keyAsJson(TableSchema schema, RowKey key) {
    StringBuilder json = new StringBuilder("{");
    TupleReader fields = key.asTuple().reader();
    while (fields.next()) {
      Column column = keyColumn(schema, fields.ordinal());
      json.append(json.length() == 1 ? "" : ", ")
          .append(JsonText.quote(column.name()))
          .append(": ")
          .append(jsonOf(column.type(), fields.field()));
    }
    return json.append('}').toString();
  }

  /**
   * What is known of a row as a JSON object in column order: {@code {"id": 7, "status": "paid"}}.
   */
  static String rowAsJson(TableSchema schema, Tuple row) {
    StringBuilder json = new StringBuilder("{");
    TupleReader fields = row.reader();
    while (fields.next()) {
      Field field = fields.field();
      if (field.isPresent() && fields.ordinal() < schema.columns().size()) {
        Column column = schema.columns().get(fields.ordinal());
        json.append(json.length() == 1 ? "" : ", ")
            .append(JsonText.quote(column.name()))
            .append(": ")
            .append(jsonOf(column.type(), field));
      }
    }
    return json.append('}').toString();
  }

  /** The key's values joined by commas: what a person types to find a row. */
  static String keyAsText(TableSchema schema, RowKey key) {
    List<String> values = new ArrayList<>();
    TupleReader fields = key.asTuple().reader();
    while (fields.next()) {
      Field field = fields.field();
      values.add(
          field.isPresent() && !field.isNull()
              ? text(keyColumn(schema, fields.ordinal()).type(), field.value())
              : "");
    }
    return String.join(",", values);
  }

  static boolean exists(Field existence) {
    return existence.isPresent() && !existence.equals(FieldImage.IS_GONE);
  }

  private static Optional<Column> columnOf(TableSchema schema, String name) {
    int ordinal = schema.ordinalOf(name);
    return ordinal < 0 ? Optional.empty() : Optional.of(schema.columns().get(ordinal));
  }

  private static Column keyColumn(TableSchema schema, int place) {
    if (place >= schema.key().size()) {
      return new Column("column " + (place + 1), LogicalType.BYTES, "", false);
    }
    return schema.columns().get(schema.key().get(place));
  }

  private static String text(TableSchema schema, String name, Bytes value) {
    return columnOf(schema, name)
        .map(column -> text(column.type(), value))
        .orElseGet(() -> hex(value));
  }

  private static String jsonOf(LogicalType type, Field field) {
    if (!field.isPresent() || field.isNull()) {
      return "null";
    }
    String text = text(type, field.value());
    return switch (type) {
      case INTEGER, DECIMAL, BOOLEAN -> JsonText.isLiteral(text) ? text : JsonText.quote(text);
      case FLOAT32, FLOAT64, TEXT, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMP_TZ, UUID, JSON, NATIVE ->
          JsonText.quote(text);
    };
  }

  private static String text(LogicalType type, Bytes value) {
    try {
      if (OneSidedValue.is(type, value)) {
        return OneSidedValue.text(value).toUtf8();
      }
      return switch (type) {
        case BOOLEAN -> bool(value);
        case INTEGER, DECIMAL, TEXT, JSON, NATIVE -> value.toUtf8();
        case FLOAT32 -> Float.toString(Float.intBitsToFloat(whole(value, 4).readInt32()));
        case FLOAT64 -> Double.toString(Double.longBitsToDouble(whole(value, 8).readInt64()));
        case BYTES -> hex(value);
        case DATE -> date(whole(value, 4).readInt32());
        case TIME -> time(whole(value, 8).readInt64());
        case TIMESTAMP -> timestamp(whole(value, 8).readInt64(), "");
        case TIMESTAMP_TZ -> timestamp(whole(value, 8).readInt64(), "Z");
        case UUID -> uuid(whole(value, 16));
      };
    } catch (MalformedBytesException | DateTimeException | ArithmeticException e) {
      return hex(value);
    }
  }

  private static ByteSource whole(Bytes value, int length) {
    if (value.length() != length) {
      throw new MalformedBytesException(value.length() + " bytes instead of " + length);
    }
    return new ByteSource(value);
  }

  private static String bool(Bytes value) {
    if (value.length() == 1 && value.at(0) == 't') {
      return "true";
    }
    return value.length() == 1 && value.at(0) == 'f' ? "false" : hex(value);
  }

  private static String hex(Bytes value) {
    return "0x" + value.toHex();
  }

  private static String delta(String amount) {
    return amount.startsWith("-") ? amount : "+" + amount;
  }

  private static String date(int days) {
    if (days == Integer.MAX_VALUE) {
      return "infinity";
    }
    return days == Integer.MIN_VALUE ? "-infinity" : LocalDate.ofEpochDay(days).toString();
  }

  /** Own arithmetic, because a time of day may be 24:00:00 or beyond, or negative. */
  private static String time(long micros) {
    long size = Math.absExact(micros);
    long seconds = size / MICROS_PER_SECOND;
    String text =
        String.format(
            Locale.ROOT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    long fraction = size % MICROS_PER_SECOND;
    if (fraction != 0) {
      text += String.format(Locale.ROOT, ".%06d", fraction).replaceFirst("0+$", "");
    }
    return micros < 0 ? "-" + text : text;
  }

  private static String timestamp(long micros, String zone) {
    if (micros == Long.MAX_VALUE) {
      return "infinity";
    }
    if (micros == Long.MIN_VALUE) {
      return "-infinity";
    }
    Instant instant = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
            LocalDateTime.ofInstant(instant, ZoneOffset.UTC))
        + zone;
  }

  private static String uuid(ByteSource bits) {
    return new UUID(bits.readInt64(), bits.readInt64()).toString();
  }
}
