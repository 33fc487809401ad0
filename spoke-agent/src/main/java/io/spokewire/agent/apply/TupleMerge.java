package io.spokewire.agent.apply;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** The net effect of two changes of one row, field by field. */
final class TupleMerge {
  private TupleMerge() {}

  /**
   * What {@code earlier} and then {@code later} do together, or null when that can't be said
   * without the database (something is added to NULL, or to a value that is no plain number).
   */
  static @Nullable Tuple merge(Tuple earlier, Tuple later) {
    ByteSink sink = new ByteSink(earlier.bytes().length() + 16);
    TupleWriter writer = new TupleWriter(sink);
    TupleReader old = earlier.reader();
    TupleReader fresh = later.reader();
    while (old.next() & fresh.next()) {
      switch (fresh.tag()) {
        case UNCHANGED, ABSENT -> writer.putEncoded(old.encoded());
        case NULL, VALUE, PREVIOUS -> writer.putEncoded(fresh.encoded());
        case DELTA -> {
          if (!add(writer, old, fresh)) {
            return null;
          }
        }
      }
    }
    return new Tuple(sink.toBytes());
  }

  private static boolean add(TupleWriter writer, TupleReader old, TupleReader delta) {
    switch (old.tag()) {
      case UNCHANGED, ABSENT -> writer.putEncoded(delta.encoded());
      case VALUE, DELTA -> {
        Bytes sum = sum(old.value(), delta.value());
        if (sum == null) {
          return false;
        }
        if (old.tag() == FieldTag.DELTA) {
          writer.putDelta(sum);
        } else {
          writer.putValue(sum);
        }
      }
      case NULL, PREVIOUS -> {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Bytes sum(Bytes left, Bytes right) {
    try {
      BigDecimal sum = new BigDecimal(left.toUtf8()).add(new BigDecimal(right.toUtf8()));
      return Bytes.utf8(sum.toPlainString());
    } catch (NumberFormatException e) {
      return null; // NaN, Infinity: the database adds those
    }
  }
}
