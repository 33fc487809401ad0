package io.spokewire.common.bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable run of bytes, possibly a slice of a larger array that it shares.
 *
 * <p>Equality is by content. The hash is cached, because row keys are looked up far more often than
 * they are made. Safe for use from any thread provided nobody writes to the array after handing it
 * over; {@link #wrap} takes ownership, {@link #copyOf} does not.
 */
public final class Bytes implements Comparable<Bytes> {
  public static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

  private final byte[] array;
  private final int offset;
  private final int length;
  private int hash; // 0 = not computed yet; a racy single-word cache is benign

  private Bytes(byte[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** Wraps the whole array, which must not be changed afterwards. */
  public static Bytes wrap(byte[] array) {
    return array.length == 0 ? EMPTY : new Bytes(array, 0, array.length);
  }

  /** Wraps a slice of an array, which must not be changed afterwards. */
  public static Bytes wrap(byte[] array, int offset, int length) {
    if ((offset | length) < 0 || length > array.length - offset) {
      throw new IndexOutOfBoundsException(
          "slice " + offset + "+" + length + " of " + array.length + " bytes");
    }
    return length == 0 ? EMPTY : new Bytes(array, offset, length);
  }

  public static Bytes copyOf(byte[] array) {
    return wrap(array.clone());
  }

  public static Bytes utf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  public static Bytes fromHex(String hex) {
    return wrap(HexFormat.of().parseHex(hex));
  }

  public int length() {
    return length;
  }

  public boolean isEmpty() {
    return length == 0;
  }

  public byte at(int index) {
    if (index < 0 || index >= length) {
      throw new IndexOutOfBoundsException(index + " of " + length);
    }
    return array[offset + index];
  }

  public Bytes slice(int from, int count) {
    if ((from | count) < 0 || count > length - from) {
      throw new IndexOutOfBoundsException("slice " + from + "+" + count + " of " + length);
    }
    return wrap(array, offset + from, count);
  }

  public boolean startsWith(Bytes prefix) {
    return length >= prefix.length && slice(0, prefix.length).equals(prefix);
  }

  /** The same content in an array of its own, so that a small slice does not keep a batch alive. */
  public Bytes detached() {
    return array.length == length ? this : wrap(toByteArray());
  }

  /** A copy; the caller owns it. */
  public byte[] toByteArray() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  /** The shared backing array, for readers that avoid a copy. Never write to it. */
  public byte[] backingArray() {
    return array;
  }

  /** Where this slice begins in {@link #backingArray()}. */
  public int backingOffset() {
    return offset;
  }

  public String toUtf8() {
    return new String(array, offset, length, StandardCharsets.UTF_8);
  }

  public String toHex() {
    return HexFormat.of().formatHex(array, offset, offset + length);
  }

  @Override
  public int compareTo(Bytes other) {
    return Arrays.compareUnsigned(
        array, offset, offset + length, other.array, other.offset, other.offset + other.length);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Bytes other
        && length == other.length
        && Arrays.equals(
            array, offset, offset + length, other.array, other.offset, other.offset + length);
  }

  @Override
  public int hashCode() {
    int h = hash;
    if (h == 0) {
      h = 1;
      for (int i = offset, end = offset + length; i < end; i++) {
        h = 31 * h + array[i];
      }
      hash = h;
    }
    return h;
  }

  /** Hexadecimal, cut off after 32 bytes. For people; never parsed. */
  @Override
  public String toString() {
    return length <= 32 ? toHex() : slice(0, 32).toHex() + "…(" + length + ")";
  }
}
