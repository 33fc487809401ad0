package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import java.util.Arrays;

/**
 * A set of field numbers of one table. Small numbers sit in one word, so that a row of up to 64
 * fields costs no array. Not thread-safe.
 */
final class FieldSet {
  private static final long[] NONE = {};

  private long word;
  private long[] more = NONE;

  static FieldSet of(int... fields) {
    FieldSet set = new FieldSet();
    for (int field : fields) {
      set.add(field);
    }
    return set;
  }

  FieldSet copy() {
    FieldSet copy = new FieldSet();
    copy.word = word;
    copy.more = more.length == 0 ? NONE : more.clone();
    return copy;
  }

  void add(int field) {
    if (field < 64) {
      word |= 1L << field;
      return;
    }
    int index = (field >>> 6) - 1;
    if (index >= more.length) {
      more = Arrays.copyOf(more, index + 1);
    }
    more[index] |= 1L << field;
  }

  boolean contains(int field) {
    if (field < 64) {
      return (word & 1L << field) != 0;
    }
    int index = (field >>> 6) - 1;
    return index < more.length && (more[index] & 1L << field) != 0;
  }

  boolean isEmpty() {
    if (word != 0) {
      return false;
    }
    for (long w : more) {
      if (w != 0) {
        return false;
      }
    }
    return true;
  }

  void remove(int field) {
    if (field < 64) {
      word &= ~(1L << field);
      return;
    }
    int index = (field >>> 6) - 1;
    if (index < more.length) {
      more[index] &= ~(1L << field);
    }
  }

  void addAll(FieldSet other) {
    word |= other.word;
    if (more.length < other.more.length) {
      more = Arrays.copyOf(more, other.more.length);
    }
    for (int i = 0; i < other.more.length; i++) {
      more[i] |= other.more[i];
    }
  }

  void removeAll(FieldSet other) {
    word &= ~other.word;
    for (int i = 0; i < Math.min(more.length, other.more.length); i++) {
      more[i] &= ~other.more[i];
    }
  }

  void putTo(ByteSink sink) {
    sink.putInt64(word).putVarint(more.length);
    for (long w : more) {
      sink.putInt64(w);
    }
  }

  static FieldSet readFrom(ByteSource source) {
    FieldSet set = new FieldSet();
    set.word = source.readInt64();
    int length = (int) source.readVarint();
    set.more = length == 0 ? NONE : new long[length];
    for (int i = 0; i < length; i++) {
      set.more[i] = source.readInt64();
    }
    return set;
  }

  boolean sameAs(FieldSet other) {
    if (word != other.word) {
      return false;
    }
    for (int i = 0; i < Math.max(more.length, other.more.length); i++) {
      long mine = i < more.length ? more[i] : 0;
      long theirs = i < other.more.length ? other.more[i] : 0;
      if (mine != theirs) {
        return false;
      }
    }
    return true;
  }
}
