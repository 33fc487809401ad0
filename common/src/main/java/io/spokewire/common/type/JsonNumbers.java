package io.spokewire.common.type;

import io.spokewire.common.bytes.Bytes;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Whether the numbers of a JSON text survive an engine that keeps them in 64 bits, as MySQL does:
 * whole ones from -2^63 to 2^64-1, others as doubles. What applies to such an engine asks before it
 * writes, because the engine rounds without a word.
 */
public final class JsonNumbers {
  private static final BigInteger MOST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
  private static final BigInteger LEAST = BigInteger.TWO.pow(63).negate();

  private JsonNumbers() {}

  /**
   * Whether all of them come back as the numbers they are.
   *
   * @param json well-formed JSON, UTF-8
   */
  public static boolean fit64Bits(Bytes json) {
    boolean inText = false;
    for (int at = 0; at < json.length(); at++) {
      int c = json.at(at);
      if (c == '\\' && inText) {
        at++;
      } else if (c == '"') {
        inText = !inText;
      } else if (!inText && (c == '-' || (c >= '0' && c <= '9'))) {
        int end = at;
        while (end < json.length() && isOfNumber(json.at(end))) {
          end++;
        }
        if (!fits64Bits(json.slice(at, end - at).toUtf8())) {
          return false;
        }
        at = end - 1;
      }
    }
    return true;
  }

  private static boolean isOfNumber(int c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  }

  private static boolean fits64Bits(String number) {
    if (number.length() > 400) {
      return false; // and BigDecimal need not be asked
    }
    if (number.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'))) {
      BigInteger whole = new BigInteger(number);
      return whole.compareTo(LEAST) >= 0 && whole.compareTo(MOST) <= 0;
    }
    double rounded = Double.parseDouble(number);
    return Double.isFinite(rounded)
        && new BigDecimal(number).compareTo(new BigDecimal(Double.toString(rounded))) == 0;
  }
}
