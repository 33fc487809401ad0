package io.spokewire.hub.resolve;

import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Tuple;

/**
 * A TRUNCATE in the window: a delete of every row of the table that its site had seen. It stands
 * for as many deletes as the table may have keys; a row gets its own when it is in the window or
 * enters it. Only a row made by an insert that the site had not seen stays: about that one it said
 * nothing. An update it had not seen does not save a row, whatever the delete policy, since nobody
 * may know the row's other columns any more.
 *
 * @param shape of the table as the site had it
 */
record Truncation(Mark mark, Shape shape) {
  /** What it does to the row of this key. */
  RowWrite of(RowKey key) {
    return new RowWrite(RowWrite.Kind.TRUNCATE, shape, key, Tuple.NONE, Tuple.NONE);
  }

  /** Its delete of a row that was not in the window when it came, so that nothing opposed it. */
  Version on(RowWindow row) {
    return Settlement.unopposed(mark, row, of(row.key));
  }

  long number() {
    return mark.number();
  }
}
