package io.spokewire.common.wire;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.proto.Frame;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * {@link Frame}s back to one batch message's bytes. One reader per stream; it keeps its
 * decompressor between batches. Not thread-safe; whoever makes it closes it.
 *
 * <p>Memory: never more than the largest batch allowed, whatever a frame claims, and no buffer is
 * made before the compressed bytes are all there and agree with the length they announced.
 *
 * <p>Errors: {@link Fault}. A garbled frame heals by itself, because the stream is opened again and
 * the batch sent again; a batch beyond the limit does not. After a fault the reader is of no more
 * use.
 */
public final class FrameReader implements AutoCloseable {
  /** The largest batch, before compression, that is accepted unless said otherwise. */
  public static final int DEFAULT_LARGEST_BATCH = 512 << 20;

  private static final String OPERATION = "reading a frame";
  private static final int KEPT_PIECES = 8 << 20;

  private final int largestBatch;
  private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
  private final CRC32C crc = new CRC32C();
  private ByteSink pieces = new ByteSink();
  private int rawLength;
  private boolean inside; // a first piece was taken and its last one was not

  /**
   * @param largestBatch the most bytes a batch may have before compression
   */
  public FrameReader(int largestBatch) {
    this.largestBatch = largestBatch;
  }

  /** Takes the next frame; the whole batch once its last piece is there, else empty. */
  public Optional<Bytes> take(Frame frame) {
    WireChecks.noUnknownFields(frame);
    Bytes payload = WireBytes.ofMessage(frame.getPayload());
    checkCrc(frame, payload);
    if (!inside) {
      begin(frame);
    } else if (frame.getRawLength() != 0) {
      throw garbled("Frame.raw_length on a later piece: a piece is missing or doubled");
    }
    if (payload.length() > Zstd.compressBound(rawLength) - pieces.size()) {
      throw garbled("more bytes than a batch of " + rawLength + " can have");
    }
    if (frame.getMore()) {
      pieces.put(payload);
      return Optional.empty();
    }
    inside = false;
    if (pieces.isEmpty()) {
      return Optional.of(decompress(payload));
    }
    pieces.put(payload);
    Bytes batch = decompress(Bytes.wrap(pieces.backingArray(), 0, pieces.size()));
    if (pieces.size() > KEPT_PIECES) {
      pieces = new ByteSink(); // one huge batch must not cost its memory for ever
    }
    return Optional.of(batch);
  }

  @Override
  public void close() {
    decompressor.close();
  }

  private void begin(Frame frame) {
    rawLength = frame.getRawLength();
    if (rawLength < 0 || rawLength > largestBatch) {
      throw Fault.of(
              FaultKind.INTERNAL,
              OPERATION,
              "a batch of "
                  + Integer.toUnsignedString(rawLength)
                  + " bytes, and "
                  + largestBatch
                  + " is the most")
          .build();
    }
    pieces.clear();
    inside = true;
  }

  private void checkCrc(Frame frame, Bytes payload) {
    crc.reset();
    crc.update(payload.backingArray(), payload.backingOffset(), payload.length());
    if ((int) crc.getValue() != frame.getCrc32C()) {
      throw garbled("Frame.crc32c does not fit its payload");
    }
  }

  private Bytes decompress(Bytes compressed) {
    // The frame says its own length: asked first, so that no claim costs memory.
    long claimed =
        Zstd.getFrameContentSize(
            compressed.backingArray(), compressed.backingOffset(), compressed.length());
    if (claimed != rawLength) {
      throw garbled("Frame.raw_length is " + rawLength + " and the payload says " + claimed);
    }
    byte[] raw = new byte[rawLength];
    try {
      int length =
          decompressor.decompressByteArray(
              raw,
              0,
              raw.length,
              compressed.backingArray(),
              compressed.backingOffset(),
              compressed.length());
      if (length != rawLength) {
        throw garbled("Frame.raw_length is " + rawLength + " and the batch has " + length);
      }
    } catch (ZstdException e) {
      throw Fault.of(FaultKind.INTERNAL, OPERATION, "the payload can't be decompressed")
          .healsByItself()
          .causedBy(e);
    }
    return Bytes.wrap(raw);
  }

  private static Fault garbled(String reason) {
    return Fault.of(FaultKind.INTERNAL, OPERATION, reason)
        .hint("the stream is opened again")
        .healsByItself()
        .build();
  }
}
