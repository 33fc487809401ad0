package io.spokewire.common.wire;

import com.google.protobuf.ByteString;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.proto.HybridTimestamp;
import java.util.ArrayList;
import java.util.List;

/**
 * Contexts and times. On the wire a context is bare numbers; which log they count in was agreed
 * when the session began, and is given here once. Immutable; safe from any thread.
 */
public final class ClockCodec {
  private static final io.spokewire.proto.Context NOTHING_SEEN =
      io.spokewire.proto.Context.getDefaultInstance();

  private final Position beginning;

  public ClockCodec(LogIncarnation incarnation, ChannelId channel) {
    this.beginning = Position.beginning(incarnation, channel);
  }

  /**
   * @throws IllegalArgumentException if the context counts in another log
   */
  public io.spokewire.proto.Context toMessage(Context context) {
    if (!beginning.isSameLogAs(context.low())) {
      throw new IllegalArgumentException("context " + context + " of another log");
    }
    if (context.low().number() == 0
        && context.above().length == 0
        && context.exceptions().isEmpty()) {
      return NOTHING_SEEN;
    }
    io.spokewire.proto.Context.Builder message =
        io.spokewire.proto.Context.newBuilder().setLow(context.low().number());
    for (long number : context.above()) {
      message.addAbove(number);
    }
    for (Context.Unseen unseen : context.exceptions()) {
      message.addUnseen(toMessage(unseen));
    }
    return message.build();
  }

  /**
   * @throws io.spokewire.common.fault.Fault if the message is not a context
   */
  public Context ofMessage(io.spokewire.proto.Context message) {
    WireChecks.noUnknownFields(message);
    Position low = beginning.at(IdCodec.number(message.getLow(), "Context.low"));
    if (message.getAboveCount() == 0 && message.getUnseenCount() == 0) {
      return Context.through(low);
    }
    long[] above = new long[message.getAboveCount()];
    for (int i = 0; i < above.length; i++) {
      above[i] = IdCodec.number(message.getAbove(i), "Context.above");
    }
    List<Context.Unseen> unseen = new ArrayList<>(message.getUnseenCount());
    for (io.spokewire.proto.Context.Unseen one : message.getUnseenList()) {
      unseen.add(ofMessage(one));
    }
    try {
      return new Context(low, above, unseen);
    } catch (IllegalArgumentException e) {
      throw WireChecks.malformed("Context.above", e);
    }
  }

  public static HybridTimestamp toMessage(HybridTime time) {
    return HybridTimestamp.newBuilder().setMicros(time.micros()).setLogical(time.logical()).build();
  }

  /**
   * @throws io.spokewire.common.fault.Fault if the message is not a time
   */
  public static HybridTime ofMessage(HybridTimestamp message) {
    WireChecks.noUnknownFields(message);
    if (message.getLogical() < 0) {
      throw WireChecks.malformed(
          "HybridTimestamp.logical", Integer.toUnsignedString(message.getLogical()));
    }
    return new HybridTime(message.getMicros(), message.getLogical());
  }

  private static io.spokewire.proto.Context.Unseen toMessage(Context.Unseen unseen) {
    io.spokewire.proto.Context.Unseen.Builder message =
        io.spokewire.proto.Context.Unseen.newBuilder()
            .setTable(unseen.table().name())
            .setLow(unseen.low());
    Bytes key = unseen.key();
    if (key != null) {
      message.setKey(WireBytes.toMessage(key));
    }
    String field = unseen.field();
    if (field != null) {
      message.setField(field);
    }
    return message.build();
  }

  private static Context.Unseen ofMessage(io.spokewire.proto.Context.Unseen message) {
    WireChecks.noUnknownFields(message);
    ByteString key = message.getKey();
    if (message.hasField() && !message.hasKey()) {
      throw WireChecks.malformed("Context.Unseen.field", message.getField());
    }
    return new Context.Unseen(
        IdCodec.table(message.getTable(), "Context.Unseen.table"),
        message.hasKey() ? Bytes.wrap(key.toByteArray()) : null,
        message.hasField() ? message.getField() : null,
        IdCodec.number(message.getLow(), "Context.Unseen.low"));
  }
}
