package io.spokewire.agent.capture.postgres;

/**
 * The columns of one row image in a pgoutput message, still encoded: for each column a byte ({@code
 * n} null, {@code u} unchanged TOAST, {@code t} text with four bytes of length). A view of the
 * message's array, which nobody writes to afterwards.
 *
 * @param offset where the first column begins
 * @param columns how many there are
 */
record TupleData(byte[] array, int offset, int columns) {
  static final int NULL = 'n';
  static final int UNCHANGED = 'u';
  static final int TEXT = 't';
}
