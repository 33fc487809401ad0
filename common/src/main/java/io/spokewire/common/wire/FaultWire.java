package io.spokewire.common.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.proto.FaultDetail;
import java.util.Optional;

/**
 * A {@link Fault} as it travels beside a failed call, in the binary trailer {@link #TRAILER}: what
 * the peer needs to say the same line and exit with the same code. The cause stays where it is.
 */
public final class FaultWire {
  public static final String TRAILER = "spokewire-fault-bin";

  /** Trailers share 8 KB by default, and binary ones grow by a third. */
  private static final int MOST_REASON_CHARS = 1_200;

  private FaultWire() {}

  public static byte[] toBytes(Fault fault) {
    return FaultDetail.newBuilder()
        .setExitCode(fault.kind().exitCode())
        .setOperation(fault.operation())
        .setPlace(fault.place())
        .setReason(cut(fault.reason()))
        .setHint(cut(fault.hint()))
        .setHeals(fault.healsByItself())
        .build()
        .toByteArray();
  }

  /** The fault; empty if the bytes are not one. A kind that is not known here becomes INTERNAL. */
  public static Optional<Fault> fromBytes(byte[] bytes) {
    try {
      FaultDetail detail = FaultDetail.parseFrom(bytes);
      Fault.Builder fault =
          Fault.of(kindOf(detail.getExitCode()), detail.getOperation(), detail.getReason())
              .at(detail.getPlace())
              .hint(detail.getHint());
      return Optional.of((detail.getHeals() ? fault.healsByItself() : fault).build());
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  private static String cut(String text) {
    return text.length() <= MOST_REASON_CHARS
        ? text
        : text.substring(0, MOST_REASON_CHARS) + "\n… (the rest is in the hub's log)";
  }

  private static FaultKind kindOf(int exitCode) {
    for (FaultKind kind : FaultKind.values()) {
      if (kind.exitCode() == exitCode) {
        return kind;
      }
    }
    return FaultKind.INTERNAL;
  }
}
