package io.spokewire.agent.marker;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.TableName;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MarkerSealTest {
  private static final Position LOG =
      Position.beginning(new LogIncarnation(UUID.randomUUID()), ChannelId.MAIN);

  private final MarkerSeal seal = new MarkerSeal(secret(1));

  @Test
  void givesBackWhatItSealed() {
    AppliedMarker plain = new AppliedMarker(LOG.at(7), LOG.at(7), List.of());
    AppliedMarker full =
        new AppliedMarker(
            LOG.at(1),
            LOG.at(1L << 40),
            List.of(
                new Context.Unseen(new TableName("Ünits \"x\""), Bytes.fromHex("0300ff"), 12),
                new Context.Unseen(new TableName("orders"), Bytes.fromHex("0301"), "note", 3),
                new Context.Unseen(new TableName("orders"), null, 0)));
    BarrierId barrier = new BarrierId(UUID.randomUUID());

    assertThat(seal.open(seal.seal(plain))).contains(new Mark.Applied(plain));
    assertThat(seal.open(seal.seal(full))).contains(new Mark.Applied(full));
    assertThat(seal.open(seal.seal(barrier))).contains(new Mark.Barrier(barrier));
  }

  @Test
  void refusesEveryOtherByteString() {
    byte[] sealed = seal.seal(new AppliedMarker(LOG.at(3), LOG.at(9), List.of())).toByteArray();
    for (int i = 0; i < sealed.length; i++) {
      byte[] forged = sealed.clone();
      forged[i] ^= 1;
      assertThat(seal.open(Bytes.wrap(forged))).as("byte %d", i).isEmpty();
    }
    for (int length = 0; length < sealed.length; length++) {
      assertThat(seal.open(Bytes.wrap(sealed, 0, length))).isEmpty();
    }
    assertThat(new MarkerSeal(secret(2)).open(Bytes.wrap(sealed))).isEmpty();
  }

  private static byte[] secret(int first) {
    byte[] secret = new byte[MarkerSeal.SECRET_LENGTH];
    secret[0] = (byte) first;
    return secret;
  }
}
