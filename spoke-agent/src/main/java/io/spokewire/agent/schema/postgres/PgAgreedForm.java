package io.spokewire.agent.schema.postgres;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.OneSidedValue;
import io.spokewire.common.change.TupleWriter;
import java.nio.charset.StandardCharsets;

/**
 * PostgreSQL's text of a value as another logical type than the column's own, where all sites
 * agreed on that one. A value that the agreed type does not hold travels as a {@link
 * OneSidedValue}.
 */
public final class PgAgreedForm {
  private static final byte[] ONE = {'1'};
  private static final byte[] ZERO = {'0'};

  private PgAgreedForm() {}

  /** Whether values of a column whose own type is {@code own} can travel as {@code agreed}. */
  public static boolean canYield(LogicalType own, LogicalType agreed) {
    return own == agreed
        || switch (own) {
          case BOOLEAN -> agreed == LogicalType.INTEGER || agreed == LogicalType.NATIVE;
          case DECIMAL -> agreed == LogicalType.INTEGER;
          case INTEGER -> agreed == LogicalType.DECIMAL;
          case FLOAT32 -> agreed == LogicalType.FLOAT64;
          case UUID -> agreed == LogicalType.TEXT || agreed == LogicalType.BYTES;
          case TEXT ->
              agreed == LogicalType.JSON
                  || agreed == LogicalType.NATIVE
                  || agreed == LogicalType.UUID;
          case JSON, NATIVE -> agreed == LogicalType.TEXT;
          case FLOAT64, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMP_TZ -> false;
        };
  }

  /** Writes the field whose text is given; NULL is the caller's business. */
  public static void write(
      LogicalType own, LogicalType agreed, byte[] text, int offset, int length, TupleWriter out) {
    if (own == agreed) {
      PgValueCodec.writeCanonical(own, text, offset, length, out);
      return;
    }
    switch (own) {
      case BOOLEAN -> out.putValue(text[offset] == 't' ? ONE : ZERO, 0, 1);
      case DECIMAL -> {
        if (isWhole(text, offset, length)) {
          out.putValue(text, offset, length);
        } else {
          putOneSided(agreed, text, offset, length, out);
        }
      }
      case FLOAT32 -> {
        String digits = new String(text, offset, length, StandardCharsets.ISO_8859_1);
        out.putInt64Value(Double.doubleToLongBits(Float.parseFloat(digits)));
      }
      case UUID -> {
        if (agreed == LogicalType.BYTES) {
          PgValueCodec.writeCanonical(own, text, offset, length, out);
        } else {
          out.putValue(text, offset, length);
        }
      }
      case TEXT -> {
        if (agreed != LogicalType.UUID) {
          out.putValue(text, offset, length);
        } else if (PgValueCodec.isUuid(text, offset, length)) {
          PgValueCodec.writeCanonical(LogicalType.UUID, text, offset, length, out);
        } else {
          putOneSided(agreed, text, offset, length, out);
        }
      }
      case INTEGER, JSON, NATIVE -> out.putValue(text, offset, length);
      case FLOAT64, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMP_TZ ->
          throw new IllegalStateException(own + " can't travel as " + agreed);
    }
  }

  private static void putOneSided(
      LogicalType agreed, byte[] text, int offset, int length, TupleWriter out) {
    Bytes value = OneSidedValue.of(agreed, Bytes.wrap(text, offset, length));
    out.putValue(value.backingArray(), value.backingOffset(), value.length());
  }

  private static boolean isWhole(byte[] text, int offset, int length) {
    for (int at = offset; at < offset + length; at++) {
      boolean digit = text[at] >= '0' && text[at] <= '9';
      if (!digit && !(at == offset && text[at] == '-')) {
        return false;
      }
    }
    return length > 0;
  }
}
