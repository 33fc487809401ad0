package io.spokewire.agent.marker;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.clock.Context;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes marks that only holders of the agent's secret can make, and knows them again.
 *
 * <p>Layout: type byte, content, HMAC-SHA256 of type byte and content. Numbers are varints, UUIDs
 * sixteen bytes, texts UTF-8 with their length.
 *
 * <p>A seal says who wrote a mark, not when: a copy of a mark is sealed as well as the original.
 * Whoever opens one checks that its positions are new.
 *
 * <p>Safe from any thread.
 */
public final class MarkerSeal {
  /** The prefix of every logical message that carries a mark. */
  public static final String PREFIX = "spokewire";

  /** How many bytes a secret has at least. */
  public static final int SECRET_LENGTH = 32;

  private static final int APPLIED = 1;
  private static final int BARRIER = 2;
  private static final int SEAL_LENGTH = 32;

  private final Mac mac;

  /**
   * @param secret of this agent and database; copied
   */
  public MarkerSeal(byte[] secret) {
    if (secret.length < SECRET_LENGTH) {
      throw new IllegalArgumentException("secret of " + secret.length + " bytes");
    }
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java runtime has HmacSHA256", e);
    }
  }

  /** The content of the logical message for an applied transaction. */
  public Bytes seal(AppliedMarker marker) {
    ByteSink sink = new ByteSink(128);
    Position first = marker.first();
    sink.putByte(APPLIED);
    putUuid(sink, first.incarnation().id());
    sink.putText(first.channel().name())
        .putVarint(first.number())
        .putVarint(marker.last().number() - first.number())
        .putVarint(marker.unseen().size());
    marker.unseen().forEach(unseen -> unseen.putTo(sink));
    return sealed(sink);
  }

  /** The content of the logical message for a barrier. */
  public Bytes seal(BarrierId barrier) {
    ByteSink sink = new ByteSink(64);
    sink.putByte(BARRIER);
    putUuid(sink, barrier.id());
    return sealed(sink);
  }

  /**
   * The mark in a logical message's content, or empty if it does not carry our seal.
   *
   * @throws Fault if it is sealed by us and still can't be read: a newer agent wrote it
   */
  public Optional<Mark> open(Bytes message) {
    int length = message.length() - SEAL_LENGTH;
    if (length < 1) {
      return Optional.empty();
    }
    byte[] expected = hmac(message.backingArray(), message.backingOffset(), length);
    byte[] found = message.slice(length, SEAL_LENGTH).toByteArray();
    if (!MessageDigest.isEqual(expected, found)) {
      return Optional.empty();
    }
    try {
      return Optional.of(read(new ByteSource(message.slice(0, length))));
    } catch (MalformedBytesException | IllegalArgumentException e) {
      throw Fault.invariant("sealed mark", "a mark of ours can't be read: " + e.getMessage());
    }
  }

  private static Mark read(ByteSource source) {
    int type = source.readByte();
    Mark mark =
        switch (type) {
          case APPLIED -> new Mark.Applied(readApplied(source));
          case BARRIER -> new Mark.Barrier(new BarrierId(readUuid(source)));
          default -> throw new MalformedBytesException("unknown mark " + type + ": newer agent?");
        };
    if (source.hasRemaining()) {
      throw new MalformedBytesException(source.remaining() + " bytes left over in a mark");
    }
    return mark;
  }

  private static AppliedMarker readApplied(ByteSource source) {
    LogIncarnation incarnation = new LogIncarnation(readUuid(source));
    ChannelId channel = new ChannelId(source.readText());
    Position first = new Position(incarnation, channel, source.readVarint());
    Position last = first.at(first.number() + source.readVarint());
    int count = source.readLength();
    List<Context.Unseen> unseen = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      unseen.add(Context.Unseen.readFrom(source).detached());
    }
    return new AppliedMarker(first, last, unseen);
  }

  private Bytes sealed(ByteSink sink) {
    sink.put(hmac(sink.backingArray(), 0, sink.size()));
    return sink.toBytes();
  }

  private synchronized byte[] hmac(byte[] array, int offset, int length) {
    mac.update(array, offset, length);
    return mac.doFinal();
  }

  private static void putUuid(ByteSink sink, UUID id) {
    sink.putInt64(id.getMostSignificantBits()).putInt64(id.getLeastSignificantBits());
  }

  private static UUID readUuid(ByteSource source) {
    return new UUID(source.readInt64(), source.readInt64());
  }
}
