package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.ColumnForm;
import io.spokewire.agent.capture.RowForm;
import io.spokewire.agent.schema.mysql.MyTypes;
import io.spokewire.agent.schema.mysql.MyValueEncoder;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.common.type.DatabaseEngine;
import io.spokewire.common.type.NativeType;
import java.util.ArrayList;
import java.util.List;

/**
 * A column as {@link RowImage} writes it.
 *
 * @param instant whether it comes as seconds since 1970
 */
record LoggedColumn(LogicalType own, MyValueEncoder encoder, boolean instant)
    implements ColumnForm {

  /** How images of a table's rows are read, as values travel in the agreed types. */
  static RowForm form(TableSchema own, AgreedTypes agreed) {
    TableSchema schema = agreed.in(own);
    List<ColumnForm> forms = new ArrayList<>();
    for (Column column : schema.columns()) {
      String nativeType = column.nativeType();
      forms.add(
          new LoggedColumn(
              MyTypes.logicalType(nativeType),
              MyValueEncoder.of(nativeType, column.type()),
              NativeType.parse(DatabaseEngine.MYSQL, nativeType).name().equals("timestamp")));
    }
    return new RowForm(schema, forms);
  }

  @Override
  public void write(byte[] image, int offset, int length, TupleWriter out) {
    if (instant) {
      encoder.timestamp(micros(image, offset, offset + length), out);
    } else {
      encoder.writeCanonical(image, offset, length, out);
    }
  }

  /** Of seconds since 1970 with a fraction. */
  private static long micros(byte[] image, int start, int end) {
    long number = 0;
    int fraction = -1;
    for (int i = start; i < end; i++) {
      if (image[i] == '.') {
        fraction = 0;
      } else {
        number = number * 10 + (image[i] - '0');
        fraction = fraction < 0 ? fraction : fraction + 1;
      }
    }
    for (int digits = Math.max(fraction, 0); digits < 6; digits++) {
      number *= 10;
    }
    return number;
  }
}
