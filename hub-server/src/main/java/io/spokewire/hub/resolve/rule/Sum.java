package io.spokewire.hub.resolve.rule;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what each site added: an update counts as {@code after - before}, exactly once by its
 * sequence, and never conflicts. Exact numbers only. A write that is no update of a number (an
 * insert, or from or to NULL, NaN or infinity) is absolute; of concurrent absolute writes the last
 * one stands.
 */
public record Sum(String strategy) implements FieldRule {
  @Override
  public boolean addsUp() {
    return true;
  }

  @Override
  public Field settle(List<Sibling> siblings) {
    return Collections.max(siblings, Sibling.BY_TIME).value();
  }

  /** Whether an update from one to the other can be told as a difference: both are numbers. */
  public static boolean hasDelta(@Nullable Field before, Field after) {
    return before != null && isFinite(before) && isFinite(after);
  }

  /** Whether a number can be added to this value. */
  public static boolean isFinite(Field field) {
    if (!field.isPresent() || field.isNull()) {
      return false;
    }
    Bytes value = field.value();
    byte last = value.at(value.length() - 1); // "NaN" and "Infinity" end in a letter
    return value.at(0) != 0 // no value of one engine alone
        && last >= '0'
        && last <= '9';
  }

  /** {@code after - before}, as a canonical number. Both must hold a number. */
  public static Bytes delta(Field before, Field after) {
    return canonical(number(after).subtract(number(before)));
  }

  /** {@code value + delta}. */
  public static Field plus(Field value, Bytes delta) {
    return Field.ofValue(canonical(number(value).add(new BigDecimal(ascii(delta)))));
  }

  private static BigDecimal number(Field field) {
    return new BigDecimal(ascii(field.value()));
  }

  private static String ascii(Bytes digits) {
    return new String(
        digits.backingArray(), digits.backingOffset(), digits.length(), StandardCharsets.US_ASCII);
  }

  private static Bytes canonical(BigDecimal number) {
    return Bytes.utf8(number.toPlainString());
  }
}
