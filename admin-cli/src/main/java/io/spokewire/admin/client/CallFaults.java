package io.spokewire.admin.client;

import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.wire.FaultWire;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Turns a failed call into the fault that the hub meant, or that the connection amounts to. */
final class CallFaults {
  private static final Metadata.Key<byte[]> TRAILER =
      Metadata.Key.of(FaultWire.TRAILER, Metadata.BINARY_BYTE_MARSHALLER);

  private final String hub;

  /**
   * @param hub HOST:PORT, for the fault's place
   */
  CallFaults(String hub) {
    this.hub = hub;
  }

  Fault of(String operation, StatusRuntimeException failure) {
    return sentByHub(failure).orElseGet(() -> ofConnection(operation, failure));
  }

  private static Optional<Fault> sentByHub(StatusRuntimeException failure) {
    Metadata trailers = failure.getTrailers();
    byte[] detail = trailers == null ? null : trailers.get(TRAILER);
    return detail == null ? Optional.empty() : FaultWire.fromBytes(detail);
  }

  private Fault ofConnection(String operation, StatusRuntimeException failure) {
    String description = failure.getStatus().getDescription();
    String reason = description == null ? failure.getStatus().getCode().toString() : description;
    return switch (failure.getStatus().getCode()) {
      case UNAVAILABLE ->
          isAboutIdentity(failure)
              ? fault(
                  FaultKind.REFUSED,
                  operation,
                  "the TLS handshake failed: " + rootReason(failure),
                  "the profile may belong to another hub, or its certificate has expired",
                  failure)
              : fault(
                  FaultKind.UNREACHABLE,
                  operation,
                  "the hub can't be reached: " + rootReason(failure),
                  "check that hub-server runs and that the profile's address is right",
                  failure);
      case DEADLINE_EXCEEDED ->
          fault(
              FaultKind.UNREACHABLE,
              operation,
              "the hub did not answer in time",
              "check the network and the hub's log",
              failure);
      case UNAUTHENTICATED, PERMISSION_DENIED ->
          fault(
              FaultKind.REFUSED,
              operation,
              reason,
              "use the profile that hub-server init wrote (admin.yaml)",
              failure);
      case UNIMPLEMENTED ->
          fault(
              FaultKind.USAGE,
              operation,
              "the hub does not know this call",
              "bring hub-server and syncadm to the same version",
              failure);
      default -> fault(FaultKind.INTERNAL, operation, reason, "see the hub's log", failure);
    };
  }

  private Fault fault(
      FaultKind kind, String operation, String reason, String hint, Throwable cause) {
    Fault.Builder fault = Fault.of(kind, operation, reason).at(hub).hint(hint);
    return (kind == FaultKind.UNREACHABLE ? fault.healsByItself() : fault).causedBy(cause);
  }

  private static boolean isAboutIdentity(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      if (cause instanceof SSLException || cause instanceof CertificateException) {
        return true;
      }
    }
    return false;
  }

  private static String rootReason(Throwable failure) {
    Throwable root = failure;
    for (Throwable cause = failure; cause != null; cause = next(cause)) {
      root = cause;
    }
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }

  private static @Nullable Throwable next(Throwable cause) {
    return cause.getCause() == cause ? null : cause.getCause();
  }
}
