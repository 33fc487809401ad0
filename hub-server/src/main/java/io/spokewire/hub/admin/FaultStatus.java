package io.spokewire.hub.admin;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.wire.FaultWire;

/** A {@link Fault} as the gRPC status of a failed call, with the whole fault in a trailer. */
final class FaultStatus {
  private static final Metadata.Key<byte[]> TRAILER =
      Metadata.Key.of(FaultWire.TRAILER, Metadata.BINARY_BYTE_MARSHALLER);
  private static final int MOST_DESCRIPTION_CHARS = 400;

  private FaultStatus() {}

  static StatusRuntimeException of(Fault fault) {
    Metadata trailers = new Metadata();
    trailers.put(TRAILER, FaultWire.toBytes(fault));
    String line = String.valueOf(fault.getMessage());
    return codeOf(fault.kind())
        .toStatus()
        .withDescription(line.substring(0, Math.min(line.length(), MOST_DESCRIPTION_CHARS)))
        .asRuntimeException(trailers);
  }

  private static Status.Code codeOf(FaultKind kind) {
    return switch (kind) {
      case NEGATIVE -> Status.Code.FAILED_PRECONDITION;
      case USAGE -> Status.Code.INVALID_ARGUMENT;
      case UNREACHABLE -> Status.Code.UNAVAILABLE;
      case REFUSED -> Status.Code.PERMISSION_DENIED;
      case INTERNAL -> Status.Code.INTERNAL;
    };
  }
}
