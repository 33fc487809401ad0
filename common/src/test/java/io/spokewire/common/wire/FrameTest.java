package io.spokewire.common.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.proto.Frame;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
  private static final int PIECE = 1000;
  private static final int LARGEST = 5_000_000;

  private final FrameWriter writer = new FrameWriter(PIECE);
  private final FrameReader reader = new FrameReader(LARGEST);

  @AfterEach
  void close() {
    writer.close();
    reader.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 500, 2_000, 100_000, LARGEST})
  void aBatchComesBackAsItWas(int size) {
    Bytes batch = noise(size);
    List<Frame> frames = writer.write(batch);
    assertThat(frames).allMatch(f -> f.getPayload().size() <= PIECE);
    assertThat(readAll(frames)).contains(batch);
  }

  @Test
  void whatRepeatsBecomesSmall() {
    Bytes batch = Bytes.wrap(new byte[1_000_000]);
    List<Frame> frames = writer.write(batch);
    assertThat(frames).hasSize(1);
    assertThat(readAll(frames)).contains(batch);
  }

  @Test
  void batchesFollowEachOther() {
    for (int size : new int[] {3_000, 10, 0, 7_777}) {
      Bytes batch = noise(size);
      assertThat(readAll(writer.write(batch))).contains(batch);
    }
  }

  @Test
  void framesDoNotChangeWhenTheWriterGoesOn() {
    Bytes first = noise(3_000);
    List<Frame> frames = writer.write(first);
    writer.write(noise(4_000));
    assertThat(readAll(frames)).contains(first);
  }

  @Test
  void aChangedByteAnywhereIsRefused() {
    List<Frame> frames = writer.write(noise(200));
    byte[] payload = frames.getFirst().getPayload().toByteArray();
    for (int i = 0; i < payload.length; i++) {
      byte[] garbled = payload.clone();
      garbled[i] ^= 0x10;
      Frame frame = frames.getFirst().toBuilder().setPayload(ByteString.copyFrom(garbled)).build();
      refused("crc32c", () -> reader.take(frame));
    }
  }

  @Test
  void aMissingPieceIsRefused() {
    List<Frame> frames = writer.write(noise(3_500));
    reader.take(frames.get(0));
    reader.take(frames.get(1));
    refused("", () -> reader.take(frames.get(3)));
  }

  @Test
  void aPieceThatComesTwiceIsRefused() {
    List<Frame> frames = writer.write(noise(3_500));
    reader.take(frames.get(0));
    refused("a piece is missing or doubled", () -> reader.take(frames.get(0)));
  }

  @Test
  void aBatchBeyondTheLimitIsRefusedBeforeItIsUnpacked() {
    List<Frame> frames = writer.write(Bytes.wrap(new byte[LARGEST + 1]));
    assertThatThrownBy(() -> reader.take(frames.getFirst()))
        .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isFalse())
        .hasMessageContaining("5000001 bytes")
        .hasMessageContaining("5000000 is the most");
  }

  @Test
  void aBombThatLiesAboutItsLengthIsRefused() {
    Frame bomb =
        writer.write(Bytes.wrap(new byte[LARGEST + 1])).getFirst().toBuilder()
            .setRawLength(100)
            .build();
    refused("", () -> reader.take(bomb));
  }

  @Test
  void piecesWithoutEndAreRefused() {
    Frame first = writer.write(noise(1_500)).getFirst();
    Frame later = first.toBuilder().setRawLength(0).build();
    reader.take(first);
    refused("more bytes than a batch of 1500", () -> reader.take(later));
  }

  @Test
  void bytesThatAreNotCompressedAreRefused() {
    Bytes batch = noise(50);
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(batch.toByteArray());
    Frame frame =
        Frame.newBuilder()
            .setPayload(WireBytes.toMessage(batch))
            .setRawLength(50)
            .setCrc32C((int) crc.getValue())
            .build();
    refused("", () -> reader.take(frame));
  }

  private Optional<Bytes> readAll(List<Frame> frames) {
    for (Frame frame : frames.subList(0, frames.size() - 1)) {
      assertThat(reader.take(frame)).isEmpty();
    }
    return reader.take(frames.getLast());
  }

  private static void refused(String reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.healsByItself()).isTrue())
        .hasMessageContaining(reason);
  }

  private static Bytes noise(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }
}
