package io.spokewire.agent.capture.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.capture.postgres.PgOutputMessage.Attribute;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages by hand, after the protocol's description; {@code '…'} stands for the text's bytes. */
class PgOutputDecoderTest {
  private static final String ROW = "0003 'n' 'u' 't' 00000002 '42'";

  private final PgOutputDecoder decoder = new PgOutputDecoder();

  @Test
  void readsBeginAndCommitWithTimesSince1970() {
    assertThat(decode("'B' 0000000200000010 0000000000000001 00000309"))
        .isEqualTo(new PgOutputMessage.Begin(0x200000010L, 946_684_800_000_001L, 777));
    assertThat(decode("'C' 00 0000000200000010 0000000200000040 0000000000000000"))
        .isEqualTo(new PgOutputMessage.Commit(0x200000010L, 0x200000040L, 946_684_800_000_000L));
  }

  @Test
  void readsARelationWithOddNames() {
    assertThat(
            decode(
                "'R' ffffffff 'my.s' 00 'ta\"b' 00 'f' 0002"
                    + "01 'id' 00 00000017 ffffffff  00 'näme' 00 00000413 0000000e"))
        .isEqualTo(
            new PgOutputMessage.Relation(
                0,
                -1,
                "my.s",
                "ta\"b",
                'f',
                List.of(
                    new Attribute(true, "id", 23, -1), new Attribute(false, "näme", 1043, 14))));
    assertThat(decode("'R' 00000001 00 't' 00 'd' 0000"))
        .isEqualTo(new PgOutputMessage.Relation(0, 1, "pg_catalog", "t", 'd', List.of()));
    assertThat(decode("'Y' 00004000 's' 00 'mood' 00"))
        .isEqualTo(new PgOutputMessage.Type(0, 0x4000, "s", "mood"));
  }

  @Test
  void readsRowsWithoutLookingInside() {
    PgOutputMessage.Insert insert = (PgOutputMessage.Insert) decode("'I' 00000007 'N'" + ROW);
    assertThat(insert.relation()).isEqualTo(7);
    assertThat(insert.row().columns()).isEqualTo(3);
    assertThat(insert.row().array()[insert.row().offset()]).isEqualTo((byte) 'n');

    PgOutputMessage.Update plain = (PgOutputMessage.Update) decode("'U' 00000007 'N'" + ROW);
    assertThat(plain.old()).isNull();
    PgOutputMessage.Update key =
        (PgOutputMessage.Update) decode("'U' 00000007 'K'" + ROW + "'N'" + ROW);
    assertThat(key.whole()).isFalse();
    assertThat(key.old()).isNotNull();
    assertThat(key.row().offset()).isGreaterThan(key.old().offset());
    PgOutputMessage.Update full =
        (PgOutputMessage.Update) decode("'U' 00000007 'O'" + ROW + "'N'" + ROW);
    assertThat(full.whole()).isTrue();

    assertThat(((PgOutputMessage.Delete) decode("'D' 00000007 'K'" + ROW)).whole()).isFalse();
    assertThat(((PgOutputMessage.Delete) decode("'D' 00000007 'O'" + ROW)).whole()).isTrue();
    assertThat(decode("'T' 00000002 03 00000007 00000008"))
        .isEqualTo(new PgOutputMessage.Truncate(0, List.of(7, 8)));
  }

  @Test
  void readsLogicalMessagesAndOrigins() {
    assertThat(decode("'M' 01 0000000000000005 'spokewire' 00 00000003 010002"))
        .isEqualTo(
            new PgOutputMessage.LogicalMessage(0, true, 5, "spokewire", Bytes.fromHex("010002")));
    assertThat(decode("'M' 00 0000000000000005 00 00000000"))
        .isEqualTo(new PgOutputMessage.LogicalMessage(0, false, 5, "", Bytes.EMPTY));
    assertThat(decode("'O' 0000000000000009 'from' 00"))
        .isEqualTo(new PgOutputMessage.Origin(9, "from"));
  }

  @Test
  void readsTheTransactionNumberInsideAStreamBlockOnly() {
    assertThat(decode("'S' 00000309 01")).isEqualTo(new PgOutputMessage.StreamStart(777, true));
    assertThat(((PgOutputMessage.Insert) decode("'I' 0000030a 00000007 'N'" + ROW)).xid())
        .isEqualTo(778);
    assertThat(decode("'T' 0000030a 00000001 00 00000007"))
        .isEqualTo(new PgOutputMessage.Truncate(778, List.of(7)));
    assertThat(
            ((PgOutputMessage.LogicalMessage)
                    decode("'M' 00000309 01 0000000000000005 'p' 00 00000000"))
                .xid())
        .isEqualTo(777);
    assertThat(decode("'E'")).isEqualTo(new PgOutputMessage.StreamStop());
    assertThat(((PgOutputMessage.Insert) decode("'I' 00000007 'N'" + ROW)).xid()).isZero();
    assertThat(decode("'A' 00000309 0000030a"))
        .isEqualTo(new PgOutputMessage.StreamAbort(777, 778));
    assertThat(decode("'c' 00000309 00 0000000000000001 0000000000000002 0000000000000000"))
        .isEqualTo(new PgOutputMessage.StreamCommit(777, 1, 2, 946_684_800_000_000L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'Z'",
        "'B' 00",
        "'I' 00000007 'K' 0000",
        "'I' 00000007 'N' 0001 'b' 00000001 00",
        "'I' 00000007 'N' 0001 't' 00000005 'abc'",
        "'I' 00000007 'N' 0001 't' ffffffff",
        "'I' 00000007 'N' 0000 00",
        "'U' 00000007 'K' 0000",
        "'D' 00000007 'N' 0000",
        "'R' 00000001 'unfinished'",
        "'M' 01 0000000000000005 'p' 00 7fffffff 00",
      })
  void refusesWhatIsNotAMessage(String message) {
    assertThatThrownBy(() -> decode(message)).isInstanceOf(MalformedBytesException.class);
  }

  private PgOutputMessage decode(String message) {
    byte[] bytes = bytes("ff" + message + "ff");
    return decoder.decode(bytes, 1, bytes.length - 2);
  }

  /** Hexadecimal, and text in single quotes. */
  private static byte[] bytes(String text) {
    StringBuilder hex = new StringBuilder();
    String[] parts = text.split("'", -1);
    for (int i = 0; i < parts.length; i++) {
      hex.append(
          i % 2 == 0
              ? parts[i].replace(" ", "")
              : HexFormat.of().formatHex(parts[i].getBytes(StandardCharsets.UTF_8)));
    }
    return HexFormat.of().parseHex(hex);
  }
}
