package io.spokewire.common.wire;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;

/**
 * Refusals of messages that are not what the contract says. A message is refused whole and never
 * read around, because what is skipped is lost without a trace. Stateless; safe from any thread.
 *
 * <p>Fields are named as in the contract, {@code Transaction.context}.
 */
public final class WireChecks {
  private static final String OPERATION = "reading a message";

  private WireChecks() {}

  /** Refuses a message with fields that this version does not know. Looks at one level only. */
  public static void noUnknownFields(Message message) {
    UnknownFieldSet unknown = message.getUnknownFields();
    if (!unknown.asMap().isEmpty()) {
      throw newerPeer(
          message.getDescriptorForType().getName()
              + " has unknown fields "
              + unknown.asMap().keySet());
    }
  }

  /** Refuses a message of ours if {@code present} is false. */
  public static void present(boolean present, String field) {
    if (!present) {
      throw absent(field);
    }
  }

  /** A field that must be there and is not, or a oneof of a kind that is not known. */
  public static Fault absent(String field) {
    return newerPeer(field + " is absent or of an unknown kind");
  }

  /** Something that a newer version may mean. */
  public static Fault newerPeer(String what) {
    return Fault.of(FaultKind.INTERNAL, OPERATION, what)
        .hint("newer peer? give both sides the same version")
        .build();
  }

  /** A field that holds what no version would send. */
  public static Fault malformed(String field, String what) {
    return Fault.of(FaultKind.INTERNAL, OPERATION, field + ": " + what).build();
  }

  /** A field that holds what no version would send, found out by {@code cause}. */
  public static Fault malformed(String field, RuntimeException cause) {
    return Fault.of(FaultKind.INTERNAL, OPERATION, field + ": " + cause.getMessage())
        .causedBy(cause);
  }
}
