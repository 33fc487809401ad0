package io.spokewire.hub.enrolment;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.hub.tls.CallOrigin;
import io.spokewire.hub.tls.Refusal;
import io.spokewire.hub.topology.JoinToken;
import io.spokewire.hub.topology.JoinTokens;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.certificate.CertificateAsk;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.CertifiedName;
import io.spokewire.hub.topology.certificate.IssuedCertificate;
import io.spokewire.proto.EnrolmentGrpc;
import io.spokewire.proto.JoinRequest;
import io.spokewire.proto.JoinResponse;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a certificate for a good token. Everything is checked before the token is spent, so that a
 * mistake in the request does not cost it. Safe from any thread.
 */
public final class EnrolmentService extends EnrolmentGrpc.EnrolmentImplBase {
  private static final Logger LOG = LoggerFactory.getLogger("io.spokewire.security");
  private static final Set<String> ENGINES = Set.of("postgresql", "mysql", "mariadb");

  private final JoinTokens tokens;
  private final CertificateAuthority authority;
  private final Duration leafLifetime;
  private final FailureLimit limit;

  public EnrolmentService(
      JoinTokens tokens,
      CertificateAuthority authority,
      Duration leafLifetime,
      FailureLimit limit) {
    this.tokens = tokens;
    this.authority = authority;
    this.leafLifetime = leafLifetime;
    this.limit = limit;
  }

  @Override
  public void join(JoinRequest request, StreamObserver<JoinResponse> response) {
    String origin = CallOrigin.current().address();
    if (!limit.allows(origin)) {
      LOG.warn("join refused: reason=too_many_failures from={}", origin);
      response.onError(
          failure(
              Status.RESOURCE_EXHAUSTED.withDescription(
                  "too many failed joins from this address (wait a minute)"),
              "too_many_failures"));
      return;
    }
    JoinResponse answer;
    try {
      answer = join(request, origin);
    } catch (Fault fault) {
      if (fault.kind() == FaultKind.REFUSED) {
        limit.failed(origin); // a fault of the hub's own is not the caller's
      }
      LOG.warn("join refused: from={} reason={}", origin, fault.reason());
      response.onError(failure(statusOf(fault), "join"));
      return;
    }
    response.onNext(answer);
    response.onCompleted();
  }

  private JoinResponse join(JoinRequest request, String origin) {
    JoinToken token =
        JoinToken.parse(request.getToken())
            .orElseThrow(
                () ->
                    Fault.of(FaultKind.REFUSED, "join", "this is not a whole token")
                        .hint("copy all of what `syncadm topology add-spoke` printed")
                        .build());
    Spoke invited = tokens.check(token);
    if (request.getOnlyCheck()) {
      return answer(invited).build();
    }
    if (!ENGINES.contains(request.getEngine())) {
      throw Fault.of(FaultKind.USAGE, "join", "the hub does not know the agent's engine")
          .hint("known: " + String.join(", ", ENGINES.stream().sorted().toList()))
          .build();
    }
    PublicKey key = CertificateAsk.keyOf(request.getCertificateRequest().toByteArray());
    IssuedCertificate issued =
        authority.issue(new CertifiedName.OfSpoke(token.spoke()), key, leafLifetime);
    Spoke spoke =
        tokens.redeem(
            token,
            new JoinTokens.Joining(request.getEngine(), request.getAssumeIdentical()),
            issued);
    LOG.info(
        "spoke joined: spoke={} engine={} assume_identical={} serial={} from={}",
        spoke.id(),
        spoke.engine(),
        spoke.assumeIdentical(),
        issued.serial(),
        origin);
    return answer(spoke)
        .setCertificate(ByteString.copyFrom(issued.der()))
        .setAuthority(ByteString.copyFrom(authority.der()))
        .build();
  }

  private JoinResponse.Builder answer(Spoke spoke) {
    return JoinResponse.newBuilder()
        .setSpoke(spoke.id().name())
        .setHubName(authority.hubName())
        .setDirection(spoke.direction().label())
        .setChannel(spoke.channel().name());
  }

  private static Status statusOf(Fault fault) {
    Status status =
        switch (fault.kind()) {
          case REFUSED -> Status.PERMISSION_DENIED;
          case USAGE, NEGATIVE -> Status.INVALID_ARGUMENT;
          case UNREACHABLE -> Status.UNAVAILABLE;
          case INTERNAL -> fault.healsByItself() ? Status.UNAVAILABLE : Status.INTERNAL;
        };
    String hint = fault.hint().isEmpty() ? "" : " (" + fault.hint() + ")";
    return status.withDescription(fault.reason() + hint);
  }

  private static RuntimeException failure(Status status, String refusal) {
    Metadata trailers = new Metadata();
    trailers.put(Refusal.TRAILER, refusal);
    return status.asRuntimeException(trailers);
  }
}
