package io.spokewire.agent.schema.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.fault.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PgValueCodecTest {
  private static final long DAY = 86_400_000_000L;

  @ParameterizedTest
  @CsvSource({
    "BOOLEAN, t",
    "INTEGER, -9223372036854775808",
    "DECIMAL, -0.00000000000000000000000000000000000000000000000000010",
    "DECIMAL, NaN",
    "DECIMAL, -Infinity",
    "TEXT, 'trailing blanks  '",
    "TEXT, ''",
    "TEXT, Grüße 𝄞",
    "JSON, '{\"b\":1, \"a\" : 1e400, \"a\":2}'",
    "NATIVE, '1 mon -2 days +03:04:05.000006'",
  })
  void copiesWhatIsCanonicalAlready(LogicalType type, String text) {
    assertThat(canonical(type, text)).isEqualTo(Bytes.utf8(text));
    assertThat(text(type, canonical(type, text))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01, 0",
    "1969-12-31, -1",
    "2000-02-29, 11016",
    "0001-01-01, -719162",
    "0001-12-31 BC, -719163",
    "0001-02-29 BC, -719469",
    "4714-11-24 BC, -2440588",
    "5874897-12-31, 2145042905",
    "infinity, 2147483647",
    "-infinity, -2147483648",
  })
  void readsAndWritesDates(String text, int days) {
    assertThat(int32(canonical(LogicalType.DATE, text))).isEqualTo(days);
    assertThat(text(LogicalType.DATE, canonical(LogicalType.DATE, text))).isEqualTo(text);
  }

  @Test
  void agreesWithTheCalendarOfTheRuntime() {
    Random random = new Random(42);
    for (int i = 0; i < 20_000; i++) {
      LocalDate day = LocalDate.ofEpochDay(random.nextInt(-2_440_588, 100_000_000));
      int year = day.getYear();
      String text =
          "%04d-%02d-%02d%s"
              .formatted(
                  year > 0 ? year : 1 - year,
                  day.getMonthValue(),
                  day.getDayOfMonth(),
                  year > 0 ? "" : " BC");
      assertThat((long) int32(canonical(LogicalType.DATE, text))).isEqualTo(day.toEpochDay());
      assertThat(text(LogicalType.DATE, canonical(LogicalType.DATE, text))).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "00:00:00, 0, 00:00:00",
    "23:59:59.999999, 86399999999, 23:59:59.999999",
    "24:00:00, 86400000000, 24:00:00",
    "12:30:00.5, 45000500000, 12:30:00.500000",
  })
  void readsAndWritesTimes(String text, long micros, String written) {
    assertThat(int64(canonical(LogicalType.TIME, text))).isEqualTo(micros);
    assertThat(text(LogicalType.TIME, canonical(LogicalType.TIME, text))).isEqualTo(written);
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01 00:00:00, 0",
    "1969-12-31 23:59:59.999999, -1",
    "2026-11-22 15:23:11.123456, 1795360991123456",
    "12345-06-07 08:09:10, 327416976550000000",
    "0044-03-15 12:00:00 BC, -63517780800000000",
    "infinity, 9223372036854775807",
    "-infinity, -9223372036854775808",
    "294247-01-10 04:00:54.775806, 9223372036854775806",
    "294247-01-10 04:00:54.775807, -9223372036854775807",
    "294247-01-10 04:00:54.775808, -9223372036854775806",
  })
  void readsAndWritesTimestamps(String text, long micros) {
    assertThat(int64(canonical(LogicalType.TIMESTAMP, text))).isEqualTo(micros);
    assertThat(
            text(LogicalType.TIMESTAMP, Bytes.wrap(ByteBuffer.allocate(8).putLong(micros).array())))
        .isEqualTo(text);
    if (!text.endsWith("infinity")) {
      String zoned = text.endsWith(" BC") ? text.replace(" BC", "+00 BC") : text + "+00";
      assertThat(int64(canonical(LogicalType.TIMESTAMP_TZ, zoned))).isEqualTo(micros);
      assertThat(text(LogicalType.TIMESTAMP_TZ, canonical(LogicalType.TIMESTAMP_TZ, zoned)))
          .isEqualTo(zoned);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"4714-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999", "0001-01-01 00:00:00"})
  void keepsTheEndsOfTheCalendar(String text) {
    assertThat(text(LogicalType.TIMESTAMP, canonical(LogicalType.TIMESTAMP, text))).isEqualTo(text);
  }

  @Test
  void readsAnyZoneAsUtc() {
    assertThat(int64(canonical(LogicalType.TIMESTAMP_TZ, "1970-01-02 05:30:00+05:30")))
        .isEqualTo(DAY);
    assertThat(int64(canonical(LogicalType.TIMESTAMP_TZ, "1969-12-31 16:00:00-08"))).isEqualTo(0);
    assertThat(int64(canonical(LogicalType.TIMESTAMP_TZ, "1937-01-01 00:19:32+00:19:32")))
        .isEqualTo(LocalDate.of(1937, 1, 1).toEpochDay() * DAY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "1.5",
        "-1e-05",
        "0.1",
        "123456789012345",
        "1234567890123456",
        "1e+20",
        "1.7976931348623157e+308",
        "5e-324",
        "2.2250738585072014e-308",
        "NaN",
        "Infinity",
        "-Infinity",
        "0.30000000000000004",
        "3.141592653589793"
      })
  void keepsEveryBitOfADouble(String text) {
    long bits = int64(canonical(LogicalType.FLOAT64, text));
    assertThat(bits).isEqualTo(Double.doubleToLongBits(Double.parseDouble(text)));
    String back = text(LogicalType.FLOAT64, canonical(LogicalType.FLOAT64, text));
    assertThat(Double.doubleToLongBits(Double.parseDouble(back))).isEqualTo(bits);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "1.5",
        "0.1",
        "1e-45",
        "3.4028235e+38",
        "16777216",
        "1.17549435e-38",
        "NaN",
        "-Infinity",
        "0.0001234567",
        "9999999"
      })
  void keepsEveryBitOfAFloat(String text) {
    int bits = int32(canonical(LogicalType.FLOAT32, text));
    assertThat(bits).isEqualTo(Float.floatToIntBits(Float.parseFloat(text)));
    String back = text(LogicalType.FLOAT32, canonical(LogicalType.FLOAT32, text));
    assertThat(Float.floatToIntBits(Float.parseFloat(back))).isEqualTo(bits);
  }

  @Test
  void agreesWithTheRuntimeOnShortFloats() {
    Random random = new Random(7);
    for (int i = 0; i < 50_000; i++) {
      String text =
          random.nextInt(0, 10_000) + "." + "0".repeat(random.nextInt(3)) + random.nextInt(1000);
      assertThat(int64(canonical(LogicalType.FLOAT64, text)))
          .isEqualTo(Double.doubleToLongBits(Double.parseDouble(text)));
      assertThat(int32(canonical(LogicalType.FLOAT32, text)))
          .isEqualTo(Float.floatToIntBits(Float.parseFloat(text)));
    }
  }

  @Test
  void readsAndWritesBytesAndUuids() {
    assertThat(canonical(LogicalType.BYTES, "\\x00ff5c78")).isEqualTo(Bytes.fromHex("00ff5c78"));
    assertThat(text(LogicalType.BYTES, Bytes.fromHex("00ff5c78"))).isEqualTo("\\x00ff5c78");
    assertThat(canonical(LogicalType.BYTES, "\\x")).isEqualTo(Bytes.EMPTY);
    String uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    assertThat(canonical(LogicalType.UUID, uuid)).isEqualTo(Bytes.fromHex(uuid.replace("-", "")));
    assertThat(text(LogicalType.UUID, canonical(LogicalType.UUID, uuid))).isEqualTo(uuid);
  }

  @ParameterizedTest
  @CsvSource({
    "DATE, 22.11.2026",
    "DATE, 11/22/2026",
    "DATE, 2026-11-22x",
    "DATE, ''",
    "TIME, 12:00",
    "TIME, 12:00:00+01",
    "TIMESTAMP, Sun Nov 22 15:23:11 2026",
    "TIMESTAMP, 2026-11-22 15:23:11+00",
    "TIMESTAMP_TZ, 2026-11-22 15:23:11 UTC",
    "TIMESTAMP_TZ, 2026-11-22 15:23:11",
    "BYTES, \\000\\377",
    "UUID, a0eebc99",
    "FLOAT64, ''",
    "FLOAT32, 1.x",
  })
  void refusesTextInAnotherStyleWithoutShowingIt(LogicalType type, String text) {
    assertThatThrownBy(() -> canonical(type, text))
        .isInstanceOf(Fault.class)
        .hasMessageContaining(type.name());
  }

  private static Bytes canonical(LogicalType type, String text) {
    byte[] around = ("<<" + text + ">>").getBytes(StandardCharsets.UTF_8);
    ByteSink sink = new ByteSink();
    PgValueCodec.writeCanonical(type, around, 2, around.length - 4, new TupleWriter(sink));
    TupleReader reader = new Tuple(sink.toBytes()).reader();
    assertThat(reader.next()).isTrue();
    Bytes value = reader.value();
    assertThat(reader.next()).isFalse();
    return value.detached();
  }

  private static String text(LogicalType type, Bytes canonical) {
    ByteSink sink = new ByteSink();
    PgValueCodec.appendText(type, canonical, sink);
    return sink.toBytes().toUtf8();
  }

  private static int int32(Bytes value) {
    assertThat(value.length()).isEqualTo(4);
    return ByteBuffer.wrap(value.toByteArray()).getInt();
  }

  private static long int64(Bytes value) {
    assertThat(value.length()).isEqualTo(8);
    return ByteBuffer.wrap(value.toByteArray()).getLong();
  }
}
