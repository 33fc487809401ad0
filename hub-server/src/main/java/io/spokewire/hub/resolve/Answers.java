package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.id.SchemaId;
import io.spokewire.hub.entry.RowResolution;
import java.util.function.Function;

/**
 * What everybody is sent of a row after a write to it.
 *
 * @param forOthers the row change for every spoke but the origin, encoded; empty if they need none
 * @param forOrigin the same for the origin
 * @param toOthers what the first one does to a database
 * @param toOrigin what the second one does
 * @param whole the whole row, if either is that; else NONE
 */
record Answers(
    Bytes forOthers, Bytes forOrigin, Delivery toOthers, Delivery toOrigin, Tuple whole) {
  /** Before anything is decided. */
  static final Answers NONE =
      new Answers(Bytes.EMPTY, Bytes.EMPTY, Delivery.NONE, Delivery.NONE, Tuple.NONE);

  /** As the log has them. */
  static Answers logged(RowResolution logged, Function<SchemaId, Shape> shapes) {
    Tuple sentBack = wholeOf(logged.forOrigin());
    return new Answers(
        logged.forOthers(),
        logged.forOrigin(),
        deliveryOf(logged.forOthers(), shapes),
        deliveryOf(logged.forOrigin(), shapes),
        sentBack.isNone() ? wholeOf(logged.forOthers()) : sentBack);
  }

  static Bytes encode(RowChange change) {
    return RowBlock.of(change).bytes();
  }

  /** The whole row, if that is what was sent. */
  private static Tuple wholeOf(Bytes encodedRow) {
    if (encodedRow.isEmpty()) {
      return Tuple.NONE;
    }
    return switch (new RowBlock(encodedRow, 1).iterator().next()) {
      case RowChange.Insert c -> c.after().detached();
      case RowChange.KeyChange c -> c.after().detached();
      case RowChange.Update c -> Tuple.NONE;
      case RowChange.Delete c -> Tuple.NONE;
      case RowChange.Truncate c -> Tuple.NONE;
    };
  }

  private static Delivery deliveryOf(Bytes encodedRow, Function<SchemaId, Shape> shapes) {
    if (encodedRow.isEmpty()) {
      return Delivery.NONE;
    }
    RowChange change = new RowBlock(encodedRow, 1).iterator().next();
    if (!(change instanceof RowChange.Update update)) {
      return Delivery.WHOLE;
    }
    Shape shape = shapes.apply(update.schema());
    FieldSet absolute = new FieldSet();
    FieldSet deltas = new FieldSet();
    TupleReader reader = update.after().reader();
    while (reader.next()) {
      switch (reader.tag()) {
        case NULL, VALUE, PREVIOUS -> absolute.add(shape.field(reader.ordinal()));
        case DELTA -> deltas.add(shape.field(reader.ordinal()));
        case UNCHANGED, ABSENT -> {}
      }
    }
    return Delivery.ofFields(absolute, deltas);
  }
}
