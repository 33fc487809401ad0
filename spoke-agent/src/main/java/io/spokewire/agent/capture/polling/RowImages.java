package io.spokewire.agent.capture.polling;

import io.spokewire.common.bytes.ByteSink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts images of rows together, as {@link io.spokewire.agent.capture.LoggedRow} reads them. */
final class RowImages {
  static final byte[] NULL = {'-'};

  private final ByteSink sink = new ByteSink(512);

  void column(byte @Nullable [] value) {
    if (value == null) {
      sink.put(NULL, 0, 1);
      return;
    }
    byte[] length = Integer.toString(value.length).getBytes(StandardCharsets.US_ASCII);
    sink.put(length, 0, length.length).putByte(':').put(value, 0, value.length);
  }

  /** A column as an image has it. */
  void encoded(byte[] column) {
    sink.put(column, 0, column.length);
  }

  /** The image; the next one begins. */
  byte[] take() {
    byte[] image = sink.toBytes().toByteArray();
    sink.clear();
    return image;
  }

  /** The columns of an image, each as the image has it. */
  static List<byte[]> split(byte[] image, int columns) {
    List<byte[]> parts = new ArrayList<>(columns);
    int at = 0;
    for (int i = 0; i < columns; i++) {
      int from = at;
      if (image[at] == '-') {
        at++;
      } else {
        int length = 0;
        while (image[at] != ':') {
          length = length * 10 + (image[at++] - '0');
        }
        at += 1 + length;
      }
      parts.add(Arrays.copyOfRange(image, from, at));
    }
    return parts;
  }
}
