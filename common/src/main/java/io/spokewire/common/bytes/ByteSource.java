package io.spokewire.common.bytes;

import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link ByteSink} wrote. Every read is bounds-checked and a malformed input fails with
 * {@link MalformedBytesException}; nothing is ever guessed. Not thread-safe.
 */
public final class ByteSource {
  private final byte[] array;
  private final int end;
  private int position;

  public ByteSource(Bytes bytes) {
    this.array = bytes.backingArray();
    this.position = bytes.backingOffset();
    this.end = position + bytes.length();
  }

  public boolean hasRemaining() {
    return position < end;
  }

  public int remaining() {
    return end - position;
  }

  public int readByte() {
    need(1);
    return array[position++] & 0xFF;
  }

  public long readVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = readByte();
      value |= (long) (b & 0x7F) << shift;
      if ((b & 0x80) == 0) {
        return value;
      }
    }
    throw new MalformedBytesException("varint longer than ten bytes");
  }

  /** A varint that must be a valid length: not negative and not beyond what is left. */
  public int readLength() {
    long value = readVarint();
    if (value < 0 || value > remaining()) {
      throw new MalformedBytesException("length " + value + " but " + remaining() + " bytes left");
    }
    return (int) value;
  }

  public int readInt32() {
    need(4);
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value = (value << 8) | (array[position++] & 0xFF);
    }
    return value;
  }

  public long readInt64() {
    need(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = (value << 8) | (array[position++] & 0xFF);
    }
    return value;
  }

  /** A slice that shares the source's array. */
  public Bytes read(int length) {
    need(length);
    Bytes slice = Bytes.wrap(array, position, length);
    position += length;
    return slice;
  }

  public Bytes readSized() {
    return read(readLength());
  }

  public String readText() {
    int length = readLength();
    String text = new String(array, position, length, StandardCharsets.UTF_8);
    position += length;
    return text;
  }

  public void skip(int length) {
    need(length);
    position += length;
  }

  private void need(int length) {
    if (length < 0 || length > end - position) {
      throw new MalformedBytesException(length + " bytes wanted, " + (end - position) + " left");
    }
  }
}
