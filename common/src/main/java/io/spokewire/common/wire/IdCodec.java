package io.spokewire.common.wire;

import com.google.protobuf.ByteString;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.proto.LogId;

/**
 * The names of things as fields of messages. {@code field} is the field's name for a refusal. Small
 * byte values are copied out of the message, because they live longer than it. Stateless; safe from
 * any thread.
 *
 * <p>Every reading method throws {@link io.spokewire.common.fault.Fault} on what can't be a name.
 */
public final class IdCodec {
  /** Longest token of a source position: its length is one byte in the hash chain. */
  private static final int LONGEST_TOKEN = 255;

  private IdCodec() {}

  public static LogId toMessage(LogIncarnation incarnation, ChannelId channel) {
    return LogId.newBuilder()
        .setIncarnation(incarnation.toString())
        .setChannel(channel.name())
        .build();
  }

  /** The place before the first entry of the log that is named. */
  public static Position beginningOf(LogId log) {
    WireChecks.noUnknownFields(log);
    return Position.beginning(
        incarnation(log.getIncarnation(), "LogId.incarnation"),
        channel(log.getChannel(), "LogId.channel"));
  }

  public static LogIncarnation incarnation(String text, String field) {
    try {
      return LogIncarnation.parse(text);
    } catch (IllegalArgumentException e) {
      throw WireChecks.malformed(field, e);
    }
  }

  public static ChannelId channel(String text, String field) {
    try {
      return new ChannelId(text);
    } catch (IllegalArgumentException e) {
      throw WireChecks.malformed(field, e);
    }
  }

  public static SpokeId spoke(String text, String field) {
    try {
      return new SpokeId(text);
    } catch (IllegalArgumentException e) {
      throw WireChecks.malformed(field, e);
    }
  }

  public static TableName table(String text, String field) {
    if (text.isBlank()) {
      throw WireChecks.absent(field);
    }
    return new TableName(text);
  }

  public static BarrierId barrier(String text, String field) {
    try {
      return BarrierId.parse(text);
    } catch (IllegalArgumentException e) {
      throw WireChecks.malformed(field, e);
    }
  }

  public static Epoch epoch(int number, String field) {
    if (number < 1) {
      throw WireChecks.malformed(field, "epoch " + Integer.toUnsignedString(number));
    }
    return new Epoch(number);
  }

  /** A sequence that may be {@link Sequence#NONE}. */
  public static Sequence sequence(long number, String field) {
    if (number < 0) {
      throw WireChecks.malformed(field, "sequence " + Long.toUnsignedString(number));
    }
    return new Sequence(number);
  }

  /** A position's number, 0 included. */
  public static long number(long number, String field) {
    if (number < 0) {
      throw WireChecks.malformed(field, "position " + Long.toUnsignedString(number));
    }
    return number;
  }

  public static ByteString toMessage(SourcePosition position) {
    return WireBytes.toMessage(position.token());
  }

  /** A source position that may be {@link SourcePosition#NONE}. */
  public static SourcePosition sourcePosition(ByteString token, String field) {
    if (token.isEmpty()) {
      return SourcePosition.NONE;
    }
    if (token.size() > LONGEST_TOKEN) {
      throw WireChecks.malformed(field, "source position of " + token.size() + " bytes");
    }
    return new SourcePosition(Bytes.wrap(token.toByteArray()));
  }

  public static ByteString toMessage(ChainHash hash) {
    return WireBytes.toMessage(hash.value());
  }

  /** A chain hash; no bytes at all stand for {@link ChainHash#START}. */
  public static ChainHash chainHash(ByteString hash, String field) {
    if (hash.isEmpty()) {
      return ChainHash.START;
    }
    if (hash.size() != ChainHash.LENGTH) {
      throw WireChecks.malformed(field, "chain hash of " + hash.size() + " bytes");
    }
    return new ChainHash(Bytes.wrap(hash.toByteArray()));
  }
}
