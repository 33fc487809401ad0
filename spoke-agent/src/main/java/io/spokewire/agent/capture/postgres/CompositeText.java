package io.spokewire.agent.capture.postgres;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.MalformedBytesException;

/**
 * A row as PostgreSQL's text of a composite value, {@code (1,"a ""b""",)}, taken apart. Its buffers
 * are used again for every row: what {@link #tuple} gave holds until the next {@link #read}. Not
 * thread-safe.
 */
final class CompositeText {
  private static final int NULL = -1;

  private final ByteSink values = new ByteSink(512);
  private final ByteSink message = new ByteSink(512);
  private int[] offsets = new int[16];
  private int[] lengths = new int[16];
  private int fields;

  /**
   * Takes a row apart.
   *
   * @param expected how many columns it has
   */
  void read(byte[] text, int expected) {
    values.clear();
    fields = 0;
    int end = text.length - 1;
    if (end < 1 || text[0] != '(' || text[end] != ')') {
      throw new MalformedBytesException("not a row: " + text.length + " bytes");
    }
    int at = 1;
    while (expected > 0) {
      at = field(text, at, end);
      if (at >= end) {
        break;
      }
      at++; // the comma
    }
    if (fields != expected) {
      throw new MalformedBytesException(fields + " fields in a row of " + expected);
    }
  }

  private int field(byte[] text, int start, int end) {
    if (fields == offsets.length) {
      offsets = java.util.Arrays.copyOf(offsets, 2 * fields);
      lengths = java.util.Arrays.copyOf(lengths, 2 * fields);
    }
    int from = values.size();
    offsets[fields] = from;
    int at = start;
    if (at >= end || text[at] == ',') {
      lengths[fields++] = NULL;
      return at;
    }
    boolean quoted = false;
    while (at < end && (quoted || text[at] != ',')) {
      byte c = text[at];
      if (c == '"') {
        if (quoted && at + 1 < end && text[at + 1] == '"') {
          values.putByte('"');
          at++;
        } else {
          quoted = !quoted;
        }
      } else if (c == '\\') {
        at++;
        values.putByte(text[at]);
      } else {
        values.putByte(c);
      }
      at++;
    }
    lengths[fields++] = values.size() - from;
    return at;
  }

  /**
   * The row as a message has it.
   *
   * @param order for each column of the message where it lies in the row
   */
  TupleData tuple(int[] order) {
    message.clear();
    for (int column : order) {
      int length = lengths[column];
      if (length == NULL) {
        message.putByte(TupleData.NULL);
      } else {
        message
            .putByte(TupleData.TEXT)
            .putInt32(length)
            .put(values.backingArray(), offsets[column], length);
      }
    }
    return new TupleData(message.backingArray(), 0, order.length);
  }
}
