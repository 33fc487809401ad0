package io.spokewire.common.bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing buffer that compact encodings are written to. Integers are LEB128 varints unless said
 * otherwise; fixed-width numbers are big-endian. Not thread-safe; reusable after {@link #clear()}.
 */
public final class ByteSink {
  private byte[] array;
  private int size;

  public ByteSink() {
    this(256);
  }

  public ByteSink(int capacity) {
    this.array = new byte[Math.max(16, capacity)];
  }

  public int size() {
    return size;
  }

  public boolean isEmpty() {
    return size == 0;
  }

  /** Forgets the content and keeps the memory. */
  public void clear() {
    size = 0;
  }

  /** Drops everything written after the sink had {@code newSize} bytes. */
  public void truncate(int newSize) {
    if (newSize < 0 || newSize > size) {
      throw new IndexOutOfBoundsException(newSize + " of " + size);
    }
    size = newSize;
  }

  public ByteSink putByte(int value) {
    ensure(1);
    array[size++] = (byte) value;
    return this;
  }

  public ByteSink putVarint(long value) {
    ensure(10);
    long v = value;
    while ((v & ~0x7FL) != 0) {
      array[size++] = (byte) ((v & 0x7F) | 0x80);
      v >>>= 7;
    }
    array[size++] = (byte) v;
    return this;
  }

  public ByteSink putInt32(int value) {
    ensure(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      array[size++] = (byte) (value >>> shift);
    }
    return this;
  }

  public ByteSink putInt64(long value) {
    ensure(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      array[size++] = (byte) (value >>> shift);
    }
    return this;
  }

  public ByteSink put(byte[] source, int offset, int length) {
    ensure(length);
    System.arraycopy(source, offset, array, size, length);
    size += length;
    return this;
  }

  public ByteSink put(byte[] source) {
    return put(source, 0, source.length);
  }

  public ByteSink put(Bytes bytes) {
    return put(bytes.backingArray(), bytes.backingOffset(), bytes.length());
  }

  /** Length as varint, then the bytes. */
  public ByteSink putSized(Bytes bytes) {
    return putVarint(bytes.length()).put(bytes);
  }

  /** Length as varint, then UTF-8. */
  public ByteSink putText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return putVarint(utf8.length).put(utf8, 0, utf8.length);
  }

  /** A copy of the content. */
  public Bytes toBytes() {
    return Bytes.wrap(Arrays.copyOf(array, size));
  }

  /** A copy of the content from {@code from} to the end. */
  public Bytes toBytes(int from) {
    return Bytes.wrap(Arrays.copyOfRange(array, from, size));
  }

  /** The live buffer, valid up to {@link #size()} and until the next write. */
  public byte[] backingArray() {
    return array;
  }

  private void ensure(int more) {
    if (size + more > array.length || size + more < 0) {
      int wanted = Math.addExact(size, more);
      int doubled = (int) Math.min((long) array.length * 2, Integer.MAX_VALUE - 8L);
      array = Arrays.copyOf(array, Math.max(wanted, doubled));
    }
  }
}
