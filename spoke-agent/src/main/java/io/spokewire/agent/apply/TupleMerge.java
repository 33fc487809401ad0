package io.spokewire.agent.apply;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
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

  /**
   * What two updates of one row do together if the second replaces what the first wrote; null if it
   * does not, or that can't be said without the database.
   */
  static RowChange.@Nullable Update chain(RowChange.Update first, RowChange.Update second) {
    List<Field> replaced = fields(first.before());
    List<Field> written = fields(first.after());
    List<Field> replacedLater = fields(second.before());
    List<Field> writtenLater = fields(second.after());
    ByteSink before = new ByteSink();
    TupleWriter beforeWriter = new TupleWriter(before);
    for (int i = 0; i < written.size(); i++) {
      boolean early = says(written.get(i));
      if (early && says(writtenLater.get(i))) {
        Field over = i < replacedLater.size() ? replacedLater.get(i) : Field.ABSENT;
        boolean follows =
            written.get(i).isPresent()
                && writtenLater.get(i).isPresent()
                && (over.isPresent() ? over : writtenLater.get(i)).equals(written.get(i));
        if (!follows) {
          return null;
        }
      }
      List<Field> from = early ? replaced : replacedLater;
      beforeWriter.put(i < from.size() ? from.get(i) : Field.ABSENT);
    }
    Tuple after = merge(first.after(), second.after());
    return after == null
        ? null
        : new RowChange.Update(second.schema(), second.key(), new Tuple(before.toBytes()), after);
  }

  private static boolean says(Field field) {
    return field.tag() != FieldTag.UNCHANGED && field.tag() != FieldTag.ABSENT;
  }

  private static List<Field> fields(Tuple tuple) {
    List<Field> fields = new ArrayList<>();
    TupleReader reader = tuple.reader();
    while (reader.next()) {
      fields.add(reader.field());
    }
    return fields;
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
