package io.spokewire.common.type;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.bytes.Bytes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonNumbersTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "0",
        "-9223372036854775808",
        "18446744073709551615",
        "{\"a\": [1.10, -0.5, 1e300, 2.5E-10]}",
        "\"12345678901234567890123\"",
        "{\"1e999\\\"1e999\": \"\\\\\"}"
      })
  void numbersOf64BitsFit(String json) {
    assertThat(JsonNumbers.fit64Bits(Bytes.utf8(json))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "18446744073709551616",
        "-9223372036854775809",
        "[1, 1e400]",
        "{\"a\": 0.1234567890123456789}",
        "\"x\\\"\", 1e400"
      })
  void othersDoNot(String json) {
    assertThat(JsonNumbers.fit64Bits(Bytes.utf8(json))).isFalse();
  }
}
