package io.spokewire.common.type;

import io.spokewire.common.change.Column;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;

/**
 * One column of a topology-wide table as one site has it.
 *
 * @param column as its agent reported it
 * @param identifies whether rows are told apart by it: part of the key or of a unique index
 * @param direction which way the site's changes flow
 */
public record SiteColumn(
    SpokeId spoke, DatabaseEngine engine, Column column, boolean identifies, Direction direction) {
  ColumnType type() {
    return ColumnType.of(NativeType.parse(engine, column.nativeType()), column.type());
  }

  /** The same column, were it of another type. */
  SiteColumn as(ColumnType other) {
    return new SiteColumn(
        spoke,
        engine,
        new Column(column.name(), other.own(), other.nativeType().text(), column.nullable()),
        identifies,
        direction);
  }

  @Override
  public String toString() {
    return column.nativeType() + " at " + spoke;
  }
}
