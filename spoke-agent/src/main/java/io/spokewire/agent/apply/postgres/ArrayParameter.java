package io.spokewire.agent.apply.postgres;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import java.sql.SQLException;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;

/**
 * One column of a statement's rows as a one-dimensional array in PostgreSQL's binary form, built
 * value by value and bound without another copy of each. Reusable after {@link #clear()}; the
 * driver copies on binding.
 */
final class ArrayParameter extends PGobject implements PGBinaryObject {
  private static final long serialVersionUID = 1L;

  private static final int HEADER = 20;

  private final ElementCoding coding;
  private final LogicalType logical;
  private final transient ByteSink elements = new ByteSink(1024);
  private int count;
  private boolean hasNull;

  ArrayParameter(ElementCoding coding, LogicalType logical) {
    this.coding = coding;
    this.logical = logical;
    setType("_" + coding.typeName());
  }

  void clear() {
    elements.clear();
    count = 0;
    hasNull = false;
  }

  void addNull() {
    elements.putInt32(-1);
    count++;
    hasNull = true;
  }

  void add(Bytes canonical) throws SQLException {
    coding.append(logical, canonical, elements);
    count++;
  }

  int count() {
    return count;
  }

  @Override
  public int lengthInBytes() {
    return HEADER + elements.size();
  }

  @Override
  public void toBytes(byte[] target, int offset) {
    ByteSink header = new ByteSink(HEADER);
    // Dimensions, whether there are NULLs, element type, then length and lower bound.
    header.putInt32(1).putInt32(hasNull ? 1 : 0).putInt32(coding.oid());
    header.putInt32(count).putInt32(1);
    System.arraycopy(header.backingArray(), 0, target, offset, HEADER);
    System.arraycopy(elements.backingArray(), 0, target, offset + HEADER, elements.size());
  }

  @Override
  public void setByteValue(byte[] value, int offset) {
    throw new IllegalStateException("an array parameter is only ever sent");
  }

  @Override
  public boolean equals(Object o) {
    return this == o;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
