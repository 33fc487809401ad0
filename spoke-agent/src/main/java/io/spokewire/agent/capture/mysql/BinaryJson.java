package io.spokewire.agent.capture.mysql;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.fault.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** MySQL's binary JSON as the text that the server makes of it. */
final class BinaryJson {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private BinaryJson() {}

  /** Appends the text of a document; an empty one is NULL's, written where there was no value. */
  static void append(byte[] a, int offset, int length, ByteSink out) {
    if (length == 0) {
      text("null", out);
      return;
    }
    value(a[offset] & 0xFF, a, offset + 1, out);
  }

  private static void value(int type, byte[] a, int at, ByteSink out) {
    switch (type) {
      case 0x00 -> container(a, at, 2, true, out);
      case 0x01 -> container(a, at, 4, true, out);
      case 0x02 -> container(a, at, 2, false, out);
      case 0x03 -> container(a, at, 4, false, out);
      case 0x04 -> literal(a[at], out);
      case 0x05 -> text(Short.toString((short) little(a, at, 2)), out);
      case 0x06 -> text(Integer.toString((int) little(a, at, 2)), out);
      case 0x07 -> text(Integer.toString((int) little(a, at, 4)), out);
      case 0x08 -> text(Long.toString(little(a, at, 4)), out);
      case 0x09 -> text(Long.toString(little(a, at, 8)), out);
      case 0x0A -> text(Long.toUnsignedString(little(a, at, 8)), out);
      case 0x0B -> number(Double.longBitsToDouble(little(a, at, 8)), out);
      case 0x0C -> {
        int start = afterLength(a, at);
        string(a, start, length(a, at), out);
      }
      case 0x0F -> opaque(a, at, out);
      default -> throw Fault.invariant("JSON", "unknown type " + type + " in a document");
    }
  }

  /**
   * @param width how many bytes an offset has
   */
  private static void container(byte[] a, int at, int width, boolean object, ByteSink out) {
    int count = (int) little(a, at, width);
    int keys = at + 2 * width;
    int values = object ? keys + count * (width + 2) : keys;
    out.putByte(object ? '{' : '[');
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        out.putByte(',').putByte(' ');
      }
      if (object) {
        int entry = keys + i * (width + 2);
        int key = at + (int) little(a, entry, width);
        string(a, key, (int) little(a, entry + width, 2), out);
        out.putByte(':').putByte(' ');
      }
      int entry = values + i * (width + 1);
      int type = a[entry] & 0xFF;
      boolean inlined =
          type == 0x04
              || type == 0x05
              || type == 0x06
              || (width == 4 && (type == 0x07 || type == 0x08));
      value(type, a, inlined ? entry + 1 : at + (int) little(a, entry + 1, width), out);
    }
    out.putByte(object ? '}' : ']');
  }

  private static void literal(int literal, ByteSink out) {
    text(literal == 1 ? "true" : literal == 2 ? "false" : "null", out);
  }

  /** As the server writes a double: shortest digits, and a point or an exponent in any case. */
  private static void number(double value, ByteSink out) {
    if (value == 0) {
      text(1 / value < 0 ? "-0.0" : "0.0", out);
      return;
    }
    String shortest = Double.toString(Math.abs(value));
    int e = shortest.indexOf('E');
    String mantissa = e < 0 ? shortest : shortest.substring(0, e);
    int exponent = e < 0 ? 0 : Integer.parseInt(shortest.substring(e + 1));
    int point = mantissa.indexOf('.');
    String whole = mantissa.substring(0, point);
    String fraction = mantissa.substring(point + 1);
    String digits = (whole + fraction).replaceFirst("^0+", "");
    int lead = whole.equals("0") ? -(fraction.length() - digits.length()) : whole.length();
    int decimal = lead + exponent; // digits before the point
    digits = digits.replaceFirst("0+$", "");
    StringBuilder sb = new StringBuilder(value < 0 ? "-" : "");
    if (decimal > 15 || decimal < -14) {
      sb.append(digits.charAt(0));
      if (digits.length() > 1) {
        sb.append('.').append(digits, 1, digits.length());
      }
      sb.append('e').append(decimal - 1);
    } else if (decimal <= 0) {
      sb.append("0.").append("0".repeat(-decimal)).append(digits);
    } else if (digits.length() <= decimal) {
      sb.append(digits).append("0".repeat(decimal - digits.length())).append(".0");
    } else {
      sb.append(digits, 0, decimal).append('.').append(digits, decimal, digits.length());
    }
    text(sb.toString(), out);
  }

  private static void string(byte[] a, int start, int length, ByteSink out) {
    out.putByte('"');
    for (int i = start; i < start + length; i++) {
      int c = a[i] & 0xFF;
      switch (c) {
        case '"' -> out.putByte('\\').putByte('"');
        case '\\' -> out.putByte('\\').putByte('\\');
        case '\b' -> out.putByte('\\').putByte('b');
        case '\f' -> out.putByte('\\').putByte('f');
        case '\n' -> out.putByte('\\').putByte('n');
        case '\r' -> out.putByte('\\').putByte('r');
        case '\t' -> out.putByte('\\').putByte('t');
        default -> {
          if (c < 0x20) {
            text("\\u00", out);
            out.putByte(HEX[c >> 4]).putByte(HEX[c & 15]);
          } else {
            out.putByte(c);
          }
        }
      }
    }
    out.putByte('"');
  }

  /** Decimals and times that SQL put into the document, and bytes. */
  private static void opaque(byte[] a, int at, ByteSink out) {
    int type = a[at] & 0xFF;
    int length = length(a, at + 1);
    int start = afterLength(a, at + 1);
    switch (type) {
      case TableMap.NEWDECIMAL -> {
        int precision = a[start] & 0xFF;
        int scale = a[start + 1] & 0xFF;
        BinaryDecimal.append(a, start + 2, precision, scale, out);
      }
      case TableMap.DATE, 7, 12 -> {
        long packed = little(a, start, 8);
        long day = packed >> 41;
        long month = day >> 5;
        ByteSink moment = new ByteSink(32);
        padded(month / 13, 4, moment);
        moment.putByte('-');
        padded(month % 13, 2, moment);
        moment.putByte('-');
        padded(day & 31, 2, moment);
        if (type != TableMap.DATE) {
          moment.putByte(' ');
          clock(packed & 0x1FF_FFFF_FFFFL, moment);
        }
        quoted(moment, out);
      }
      case 11 -> {
        long packed = little(a, start, 8);
        ByteSink moment = new ByteSink(32);
        if (packed < 0) {
          moment.putByte('-');
        }
        clock(Math.abs(packed), moment);
        quoted(moment, out);
      }
      default -> {
        byte[] bytes = java.util.Arrays.copyOfRange(a, start, start + length);
        text("\"base64:type" + type + ":", out);
        text(Base64.getEncoder().encodeToString(bytes), out);
        out.putByte('"');
      }
    }
  }

  private static void clock(long packed, ByteSink out) {
    padded(packed >> 36 & 0x3FF, 2, out);
    out.putByte(':');
    padded(packed >> 30 & 63, 2, out);
    out.putByte(':');
    padded(packed >> 24 & 63, 2, out);
    out.putByte('.');
    padded(packed & 0xFF_FFFF, 6, out);
  }

  private static void quoted(ByteSink text, ByteSink out) {
    out.putByte('"').put(text.backingArray(), 0, text.size()).putByte('"');
  }

  private static void padded(long value, int width, ByteSink out) {
    String digits = Long.toString(value);
    text("0".repeat(Math.max(0, width - digits.length())) + digits, out);
  }

  private static int length(byte[] a, int at) {
    int length = 0;
    for (int i = 0, shift = 0; ; i++, shift += 7) {
      length |= (a[at + i] & 0x7F) << shift;
      if (a[at + i] >= 0) {
        return length;
      }
    }
  }

  private static int afterLength(byte[] a, int at) {
    int end = at;
    while (a[end] < 0) {
      end++;
    }
    return end + 1;
  }

  private static void text(String ascii, ByteSink out) {
    out.put(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  private static long little(byte[] a, int start, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (a[start + i] & 0xFF);
    }
    return value;
  }
}
