package io.spokewire.hub.resolve.rule;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Optional;

/**
 * How canonical values of one type compare, the same at every engine: no collation, no time zone.
 * What is no value (NULL, ABSENT, or one that only one engine has) is smaller than any; NaN is the
 * largest number, as PostgreSQL has it.
 */
public enum ValueOrder implements Comparator<Field> {
  BOOLEAN {
    @Override
    int compareValues(Bytes a, Bytes b) {
      return Byte.compare(a.at(0), b.at(0)); // 'f' before 't'
    }
  },
  NUMBER {
    @Override
    int compareValues(Bytes a, Bytes b) {
      String left = ascii(a);
      String right = ascii(b);
      int byKind = Integer.compare(kind(left), kind(right));
      return byKind != 0 || kind(left) != FINITE
          ? byKind
          : new BigDecimal(left).compareTo(new BigDecimal(right));
    }
  },
  FLOAT32 {
    @Override
    int compareValues(Bytes a, Bytes b) {
      return compareDoubles(buffer(a).getFloat(), buffer(b).getFloat());
    }
  },
  FLOAT64 {
    @Override
    int compareValues(Bytes a, Bytes b) {
      return compareDoubles(buffer(a).getDouble(), buffer(b).getDouble());
    }
  },
  DAYS {
    @Override
    int compareValues(Bytes a, Bytes b) {
      return Integer.compare(buffer(a).getInt(), buffer(b).getInt());
    }
  },
  MICROSECONDS {
    @Override
    int compareValues(Bytes a, Bytes b) {
      return Long.compare(buffer(a).getLong(), buffer(b).getLong());
    }
  };

  private static final int FINITE = 1;

  /** The order of this type's values; empty for one whose order is a matter of collation. */
  public static Optional<ValueOrder> of(LogicalType type) {
    return switch (type) {
      case BOOLEAN -> Optional.of(BOOLEAN);
      case INTEGER, DECIMAL -> Optional.of(NUMBER);
      case FLOAT32 -> Optional.of(FLOAT32);
      case FLOAT64 -> Optional.of(FLOAT64);
      case DATE -> Optional.of(DAYS);
      case TIME, TIMESTAMP, TIMESTAMP_TZ -> Optional.of(MICROSECONDS);
      case TEXT, BYTES, UUID, JSON, NATIVE -> Optional.empty();
    };
  }

  @Override
  public int compare(Field a, Field b) {
    boolean left = isValue(a) && holds(a.value());
    boolean right = isValue(b) && holds(b.value());
    return left && right ? compareValues(a.value(), b.value()) : Boolean.compare(left, right);
  }

  abstract int compareValues(Bytes a, Bytes b);

  /** Whether the value is one of this order, and not one that only one engine has. */
  private boolean holds(Bytes value) {
    return switch (this) {
      case BOOLEAN -> value.length() == 1;
      case NUMBER -> value.at(0) != 0;
      case FLOAT32, DAYS -> value.length() == 4;
      case FLOAT64, MICROSECONDS -> value.length() == 8;
    };
  }

  private static boolean isValue(Field field) {
    return field.isPresent() && !field.isNull();
  }

  /** Minus infinity, a number, infinity, not a number. */
  private static int kind(String number) {
    return switch (number) {
      case "-Infinity" -> FINITE - 1;
      case "Infinity" -> FINITE + 1;
      case "NaN" -> FINITE + 2;
      default -> FINITE;
    };
  }

  /** As {@link Double#compare}, but for zero, which has no sign here. */
  private static int compareDoubles(double a, double b) {
    return a == b ? 0 : Double.compare(a, b);
  }

  private static String ascii(Bytes bytes) {
    return new String(
        bytes.backingArray(), bytes.backingOffset(), bytes.length(), StandardCharsets.US_ASCII);
  }

  private static ByteBuffer buffer(Bytes bytes) {
    return ByteBuffer.wrap(bytes.backingArray(), bytes.backingOffset(), bytes.length());
  }
}
