package io.spokewire.hub.tls;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.spokewire.hub.stream.Peer;
import io.spokewire.hub.topology.certificate.CertifiedName;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before every call: without a certificate that proves a name nothing but enrolment is
 * reached, and each name reaches its own service only. Sets {@link Peer#PEER}, {@link
 * AdminPeer#KEY} and {@link CallOrigin#KEY}. Safe from any thread.
 */
public final class PeerInterceptor implements ServerInterceptor {
  private static final Logger LOG = LoggerFactory.getLogger("io.spokewire.security");

  /** Who may call a service. */
  public enum Audience {
    ANYBODY,
    SPOKES,
    ADMINS
  }

  private final PeerCheck check;
  private final Map<String, Audience> audiences;

  /**
   * @param audiences by full service name; a service that is not in it can't be called
   */
  public PeerInterceptor(PeerCheck check, Map<String, Audience> audiences) {
    this.check = check;
    this.audiences = Map.copyOf(audiences);
  }

  @Override
  public <I, O> ServerCall.Listener<I> interceptCall(
      ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
    CallOrigin origin = origin(call);
    Context context = Context.current().withValue(CallOrigin.KEY, origin);
    String service = call.getMethodDescriptor().getServiceName();
    Audience audience = service == null ? null : audiences.get(service);
    if (audience == null) {
      return refuse(call, origin, Refusal.UNKNOWN_SERVICE, String.valueOf(service));
    }
    if (audience == Audience.ANYBODY) {
      return Contexts.interceptCall(context, call, headers, next);
    }
    X509Certificate certificate = certificate(call);
    if (certificate == null) {
      return refuse(call, origin, Refusal.NO_CERTIFICATE, "");
    }
    return switch (check.check(certificate)) {
      case PeerCheck.Verdict.Refused(Refusal refusal, String claimed) ->
          refuse(call, origin, refusal, claimed);
      case PeerCheck.Verdict.Known(CertifiedName.OfSpoke(var spoke))
          when audience == Audience.SPOKES ->
          Contexts.interceptCall(
              context.withValue(Peer.PEER, new Peer(spoke)), call, headers, next);
      case PeerCheck.Verdict.Known(CertifiedName.OfAdmin(String name))
          when audience == Audience.ADMINS ->
          Contexts.interceptCall(
              context.withValue(AdminPeer.KEY, new AdminPeer(name)), call, headers, next);
      case PeerCheck.Verdict.Known(CertifiedName name) ->
          refuse(call, origin, Refusal.WRONG_ROLE, name.kind() + " " + name.label());
    };
  }

  private static <I, O> ServerCall.Listener<I> refuse(
      ServerCall<I, O> call, CallOrigin origin, Refusal refusal, String claimed) {
    LOG.warn(
        "call refused: reason={} method={} from={} certificate={}",
        refusal.label(),
        call.getMethodDescriptor().getFullMethodName(),
        origin.address(),
        claimed.isEmpty() ? "none" : printable(claimed));
    call.close(refusal.status(), refusal.trailers());
    return new ServerCall.Listener<>() {};
  }

  /** What a stranger wrote must not break the log's lines. */
  private static String printable(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }

  private static @Nullable X509Certificate certificate(ServerCall<?, ?> call) {
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      return null;
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain.length > 0 && chain[0] instanceof X509Certificate leaf ? leaf : null;
    } catch (SSLPeerUnverifiedException e) {
      return null; // none was shown
    }
  }

  private static CallOrigin origin(ServerCall<?, ?> call) {
    SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? new CallOrigin(inet.getAddress().getHostAddress())
        : CallOrigin.UNKNOWN;
  }
}
