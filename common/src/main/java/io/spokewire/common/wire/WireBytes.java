package io.spokewire.common.wire;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Bytes} and protobuf's own byte type, without a copy in either direction: both are
 * immutable, so they may share an array. Stateless; safe from any thread.
 */
public final class WireBytes {
  private WireBytes() {}

  /** Shares the array. */
  public static ByteString toMessage(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(
        bytes.backingArray(), bytes.backingOffset(), bytes.length());
  }

  /**
   * Shares the array that the string lies in, which may be a whole received batch: what is kept for
   * longer than the batch should be {@link Bytes#detached()}.
   */
  public static Bytes ofMessage(ByteString string) {
    if (string.isEmpty()) {
      return Bytes.EMPTY;
    }
    SharedArray shared = new SharedArray(string.size());
    try {
      UnsafeByteOperations.unsafeWriteTo(string, shared);
    } catch (IOException e) {
      throw new UncheckedIOException("nothing here does I/O", e);
    }
    return shared.bytes != null ? shared.bytes : Bytes.wrap(string.toByteArray());
  }

  /**
   * Parses a message whose byte fields share the array of {@code bytes}.
   *
   * @throws Fault if the bytes are not such a message
   */
  public static <M extends Message> M parse(Parser<M> parser, Bytes bytes, String name) {
    CodedInputStream input = toMessage(bytes).newCodedInput();
    input.enableAliasing(true);
    try {
      M message = parser.parseFrom(input);
      input.checkLastTagWas(0);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw Fault.of(
              FaultKind.INTERNAL, "reading a message", name + " can't be parsed: " + e.getMessage())
          .causedBy(e);
    }
  }

  /** Catches the one array of a flat string; a string in several pieces leaves it empty. */
  private static final class SharedArray extends ByteOutput {
    private final int size;
    private @Nullable Bytes bytes;

    private SharedArray(int size) {
      this.size = size;
    }

    @Override
    public void write(byte value) {}

    @Override
    public void write(byte[] value, int offset, int length) {}

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
      if (length == size) {
        bytes = Bytes.wrap(value, offset, length);
      }
    }

    @Override
    public void write(ByteBuffer value) {}

    @Override
    public void writeLazy(ByteBuffer value) {}
  }
}
