package io.spokewire.common.wire;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.google.protobuf.ByteString;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.proto.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One batch message's bytes to {@link Frame}s: compressed as a whole, then cut into pieces that
 * each carry a CRC. One writer per stream; it keeps its compressor and buffer between batches. Not
 * thread-safe; whoever makes it closes it. The frames share nothing with it.
 */
public final class FrameWriter implements AutoCloseable {
  private static final int LEVEL = 1;
  private static final int KEPT_BUFFER = 8 << 20;

  private final int payloadBytes;
  private final ZstdCompressCtx compressor = new ZstdCompressCtx();
  private final CRC32C crc = new CRC32C();
  private byte[] buffer = {};

  /**
   * @param payloadBytes the most bytes that one frame's payload may have
   */
  public FrameWriter(int payloadBytes) {
    if (payloadBytes < 1) {
      throw new IllegalArgumentException("frames of " + payloadBytes + " bytes");
    }
    this.payloadBytes = payloadBytes;
    compressor.setLevel(LEVEL);
  }

  /** The frames of a batch, in order; at least one. */
  public List<Frame> write(Bytes batch) {
    int bound = Math.toIntExact(Zstd.compressBound(batch.length()));
    if (buffer.length < bound) {
      buffer = new byte[bound];
    }
    int size =
        compressor.compressByteArray(
            buffer, 0, buffer.length, batch.backingArray(), batch.backingOffset(), batch.length());
    List<Frame> frames = new ArrayList<>(size / payloadBytes + 1);
    for (int from = 0; from < size; from += payloadBytes) {
      int length = Math.min(payloadBytes, size - from);
      crc.reset();
      crc.update(buffer, from, length);
      frames.add(
          Frame.newBuilder()
              .setPayload(ByteString.copyFrom(buffer, from, length))
              .setMore(from + length < size)
              .setCrc32C((int) crc.getValue())
              .setRawLength(from == 0 ? batch.length() : 0)
              .build());
    }
    if (buffer.length > KEPT_BUFFER) {
      buffer = new byte[0]; // one huge batch must not cost its memory for ever
    }
    return frames;
  }

  @Override
  public void close() {
    compressor.close();
  }
}
