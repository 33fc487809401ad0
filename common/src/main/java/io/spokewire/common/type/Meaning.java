package io.spokewire.common.type;

import io.spokewire.common.change.LogicalType;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What the values of a native type are, so far as two engines can compare it. */
sealed interface Meaning {
  /** Whole numbers from {@code least} to {@code most}. */
  record Whole(BigInteger least, BigInteger most) implements Meaning {
    static Whole of(long least, long most) {
      return new Whole(BigInteger.valueOf(least), BigInteger.valueOf(most));
    }

    boolean has(Whole other) {
      return least.compareTo(other.least) <= 0 && most.compareTo(other.most) >= 0;
    }

    /** How many decimal digits its widest number has. */
    int digits() {
      return least.abs().max(most).toString().length();
    }
  }

  /** MySQL's {@code tinyint(1)}, which people use as a truth value and which holds -128 to 127. */
  record NumberedTruth() implements Meaning {
    static final Whole RANGE = Whole.of(-128, 127);
  }

  /** True or false and nothing else. */
  record Truth() implements Meaning {}

  /**
   * Exact decimals.
   *
   * @param precision digits in all
   * @param scale digits behind the point
   * @param unsigned whether negative ones are refused
   */
  record Decimal(int precision, int scale, boolean unsigned) implements Meaning {
    /** Of a type that holds any number of digits. */
    static final Decimal ANY = new Decimal(Integer.MAX_VALUE, Integer.MAX_VALUE, false);

    boolean isAny() {
      return precision == Integer.MAX_VALUE;
    }

    int wholeDigits() {
      return isAny() ? Integer.MAX_VALUE : precision - scale;
    }
  }

  /**
   * IEEE 754.
   *
   * @param bits 32 or 64
   * @param rounded whether the column rounds to some number of decimal digits
   */
  record Floating(int bits, boolean rounded, boolean unsigned) implements Meaning {}

  /**
   * Text.
   *
   * @param characters at most
   * @param bytes at most, as UTF-8
   * @param limit what the type counts
   * @param blanks what becomes of spaces at the end
   */
  record Text(
      long characters,
      long bytes,
      Limit limit,
      Blanks blanks,
      Repertoire repertoire,
      TextEquality equality)
      implements Meaning {
    enum Limit {
      NONE,
      CHARACTERS,
      BYTES
    }

    enum Blanks {
      KEPT,
      /** Added up to the type's length. */
      ADDED,
      CUT
    }

    /** Whether it holds texts of any size that people store in rows. */
    boolean isLarge() {
      return limit != Limit.CHARACTERS && bytes >= LARGE;
    }
  }

  /** From here on a limit of bytes counts as none: beyond it rows are set aside. */
  long LARGE = 65_535;

  /** One of some labels. */
  record Label(List<String> labels) implements Meaning {}

  /** Some of some labels, as MySQL's {@code set}. */
  record Labels(List<String> labels) implements Meaning {}

  /**
   * Bytes.
   *
   * @param most at most
   * @param fixed whether shorter ones are filled up with zeros
   */
  record Binary(long most, boolean fixed) implements Meaning {}

  /** A day. */
  record Day() implements Meaning {}

  /**
   * A time of day, in MySQL also a span of up to 838 hours.
   *
   * @param digits of a second's fraction
   */
  record Clock(int digits) implements Meaning {}

  /** Date and time of some place, {@code timestamp} or {@code datetime}. */
  record Wall(int digits) implements Meaning {}

  /** A point in time, {@code timestamptz} or MySQL's {@code timestamp}. */
  record Instant(int digits) implements Meaning {}

  record Uuid() implements Meaning {}

  /** JSON. */
  record Json(Form form) implements Meaning {
    enum Form {
      /** The text as it was written. */
      AS_WRITTEN,
      /** PostgreSQL's jsonb: keys in its order, each once; numbers exact. */
      SORTED,
      /** MySQL's json: keys in its order, each once; numbers of 64 bits. */
      SORTED_64
    }
  }

  /** MySQL's {@code year}: 0 and 1901 to 2155. */
  record Year() implements Meaning {}

  /** What only its own engine knows. */
  record Own() implements Meaning {}

  /** In which logical types its values can travel. */
  default Set<LogicalType> forms() {
    return switch (this) {
      case Whole w -> EnumSet.of(LogicalType.INTEGER, LogicalType.DECIMAL);
      case Year y -> EnumSet.of(LogicalType.INTEGER, LogicalType.DECIMAL);
      case NumberedTruth t -> EnumSet.of(LogicalType.INTEGER, LogicalType.BOOLEAN);
      case Truth t -> EnumSet.of(LogicalType.BOOLEAN, LogicalType.INTEGER, LogicalType.NATIVE);
      case Decimal d ->
          d.scale() == 0
              ? EnumSet.of(LogicalType.DECIMAL, LogicalType.INTEGER)
              : EnumSet.of(LogicalType.DECIMAL);
      case Floating f ->
          f.bits() == 64
              ? EnumSet.of(LogicalType.FLOAT64)
              : EnumSet.of(LogicalType.FLOAT32, LogicalType.FLOAT64);
      case Text t -> {
        EnumSet<LogicalType> forms = EnumSet.of(LogicalType.TEXT, LogicalType.NATIVE);
        if (t.isLarge()) {
          forms.add(LogicalType.JSON);
        }
        if (holdsUuid(t)) {
          forms.add(LogicalType.UUID);
        }
        yield forms;
      }
      case Label l -> EnumSet.of(LogicalType.TEXT, LogicalType.NATIVE);
      case Labels l -> EnumSet.of(LogicalType.TEXT, LogicalType.NATIVE);
      case Binary b ->
          b.fixed() && b.most() == 16
              ? EnumSet.of(LogicalType.BYTES, LogicalType.UUID)
              : EnumSet.of(LogicalType.BYTES);
      case Day d -> EnumSet.of(LogicalType.DATE);
      case Clock c -> EnumSet.of(LogicalType.TIME);
      case Wall w -> EnumSet.of(LogicalType.TIMESTAMP);
      case Instant i -> EnumSet.of(LogicalType.TIMESTAMP_TZ);
      case Uuid u -> EnumSet.of(LogicalType.UUID, LogicalType.BYTES, LogicalType.TEXT);
      case Json j -> EnumSet.of(LogicalType.JSON, LogicalType.TEXT);
      case Own o -> EnumSet.noneOf(LogicalType.class);
    };
  }

  /** Whether a UUID in its usual spelling just fits. */
  static boolean holdsUuid(Text text) {
    return text.limit() == Text.Limit.CHARACTERS && text.characters() == 36;
  }
}
