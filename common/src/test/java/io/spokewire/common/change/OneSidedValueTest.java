package io.spokewire.common.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OneSidedValueTest {
  @ParameterizedTest
  @EnumSource(
      names = {"TEXT", "BYTES", "JSON", "NATIVE"},
      mode = EnumSource.Mode.EXCLUDE)
  void textsOfAnyLengthAreToldFromValuesAndComeBack(LogicalType type) {
    for (int length = 1; length < 40; length++) {
      comesBack(type, Bytes.utf8("x".repeat(length)));
      comesBack(type, Bytes.wrap(new byte[length]));
    }
  }

  @Test
  void bytesThatOnlyHaveTheLengthOfOneAreRefused() {
    for (String bytes : List.of("", "01", "0102", "796573")) {
      assertThatThrownBy(() -> OneSidedValue.text(Bytes.fromHex(bytes)))
          .isInstanceOf(MalformedBytesException.class);
    }
  }

  private static void comesBack(LogicalType type, Bytes text) {
    Bytes value = OneSidedValue.of(type, text);
    assertThat(OneSidedValue.is(type, value)).isTrue();
    assertThat(OneSidedValue.text(value)).isEqualTo(text);
  }

  @Test
  void valuesAreNoneOfThem() {
    assertThat(OneSidedValue.is(LogicalType.BOOLEAN, Bytes.utf8("t"))).isFalse();
    assertThat(OneSidedValue.is(LogicalType.UUID, Bytes.wrap(new byte[16]))).isFalse();
    assertThat(OneSidedValue.is(LogicalType.INTEGER, Bytes.utf8("0"))).isFalse();
    assertThat(OneSidedValue.is(LogicalType.DECIMAL, Bytes.utf8("NaN"))).isFalse();
    assertThat(OneSidedValue.is(LogicalType.TEXT, Bytes.wrap(new byte[3]))).isFalse();
  }

  @Test
  void typesThatHoldEverythingNeedNone() {
    for (LogicalType type : List.of(LogicalType.TEXT, LogicalType.BYTES, LogicalType.NATIVE)) {
      assertThatThrownBy(() -> OneSidedValue.of(type, Bytes.utf8("x")))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
