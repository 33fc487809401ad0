package io.spokewire.agent.stream;

import io.grpc.Status;
import io.spokewire.agent.identity.PinnedAuthority.WrongAuthorityException;
import io.spokewire.agent.settings.HubAddress;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** How a call ended, in plain words. */
final class EndOfCall {
  private EndOfCall() {}

  static Fault fault(HubAddress hub, Status status) {
    return switch (status.getCode()) {
      case UNAUTHENTICATED, PERMISSION_DENIED ->
          Fault.of(FaultKind.REFUSED, "attach to the hub", description(status))
              .at(hub)
              .hint("was this spoke removed? syncadm topology list shows it")
              .causedBy(status.getCause());
      case UNIMPLEMENTED ->
          Fault.of(FaultKind.REFUSED, "attach to the hub", "what listens there is not a hub")
              .at(hub)
              .hint("check the address")
              .causedBy(status.getCause());
      default -> unreachable(hub, status);
    };
  }

  private static Fault unreachable(HubAddress hub, Status status) {
    CertificateException untrusted = find(status.getCause(), CertificateException.class);
    if (untrusted != null) {
      String reason =
          untrusted instanceof WrongAuthorityException wrong
              ? String.valueOf(wrong.getMessage())
              : "its certificate is not trusted: " + untrusted.getMessage();
      return Fault.of(FaultKind.REFUSED, "trust the hub", reason)
          .at(hub)
          .hint("is this the right hub, and is its name among those given to hub-server init?")
          .healsByItself()
          .causedBy(untrusted);
    }
    SSLException tls = find(status.getCause(), SSLException.class);
    if (tls != null) {
      return Fault.of(
              FaultKind.REFUSED,
              "attach to the hub",
              "the TLS handshake failed: " + tls.getMessage())
          .at(hub)
          .hint("is this a hub, does it know this agent's certificate, and are the clocks right?")
          .healsByItself()
          .causedBy(tls);
    }
    return Fault.of(FaultKind.UNREACHABLE, "attach to the hub", description(status))
        .at(hub)
        .hint("is the hub running, and can this machine reach it?")
        .healsByItself()
        .causedBy(status.getCause());
  }

  private static String description(Status status) {
    Throwable cause = status.getCause();
    if (cause != null && cause.getMessage() != null) {
      return cause.getMessage().lines().findFirst().orElse("");
    }
    String text = status.getDescription();
    return text == null ? status.getCode().toString() : text.lines().findFirst().orElse("");
  }

  private static <T extends Throwable> @Nullable T find(@Nullable Throwable error, Class<T> kind) {
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (kind.isInstance(t)) {
        return kind.cast(t);
      }
    }
    return null;
  }
}
