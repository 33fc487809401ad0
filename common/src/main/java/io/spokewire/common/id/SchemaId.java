package io.spokewire.common.id;

/**
 * One version of one table's shape. Derived from the shape's content (first eight bytes of the
 * SHA-256 of its canonical encoding), so that every agent computes the same id for the same shape
 * and no id needs to be handed out; see {@code TableSchema}.
 */
public record SchemaId(long value) {
  @Override
  public String toString() {
    return String.format("%016x", value);
  }
}
