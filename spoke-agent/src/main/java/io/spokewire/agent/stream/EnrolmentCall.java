package io.spokewire.agent.stream;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.spokewire.agent.identity.AgentIdentity;
import io.spokewire.agent.identity.CertificateAsk;
import io.spokewire.agent.identity.IdentityStore;
import io.spokewire.agent.identity.JoinToken;
import io.spokewire.agent.identity.PinnedAuthority;
import io.spokewire.agent.settings.HubAddress;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.proto.EnrolmentGrpc;
import io.spokewire.proto.JoinRequest;
import io.spokewire.proto.JoinResponse;
import java.util.concurrent.TimeUnit;

/**
 * The one call without a certificate: a join token for an identity. The server must show the
 * authority that the token pins, before the token is sent.
 */
public final class EnrolmentCall {
  private static final int PATIENCE_SECONDS = 20;

  private final HubAddress hub;
  private final String agentVersion;

  public EnrolmentCall(HubAddress hub, String agentVersion) {
    this.hub = hub;
    this.agentVersion = agentVersion;
  }

  /** What a token was good for. */
  public record Enrolled(
      AgentIdentity identity, String hubName, Direction direction, ChannelId channel) {}

  /**
   * Asks whether the token is good, and for what, without using it.
   *
   * @throws Fault as {@link #redeem}
   */
  public Direction check(JoinToken token) {
    ManagedChannel channel = HubDialer.dial(hub, new PinnedAuthority(token.authorityPin()));
    try {
      JoinResponse response =
          EnrolmentGrpc.newBlockingStub(channel)
              .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .join(
                  JoinRequest.newBuilder()
                      .setToken(token.text())
                      .setAgentVersion(agentVersion)
                      .setOnlyCheck(true)
                      .build());
      return Direction.ofLabel(response.getDirection());
    } catch (StatusRuntimeException e) {
      throw failed(e.getStatus());
    } finally {
      channel.shutdownNow();
    }
  }

  /**
   * Redeems the token.
   *
   * @throws Fault UNREACHABLE if the hub is away: the token is still good; REFUSED if the hub is
   *     not the one pinned, or says no
   */
  public Enrolled redeem(
      JoinToken token, CertificateAsk ask, String engine, boolean assumeIdentical) {
    PinnedAuthority pin = new PinnedAuthority(token.authorityPin());
    ManagedChannel channel = HubDialer.dial(hub, pin);
    try {
      JoinResponse response =
          EnrolmentGrpc.newBlockingStub(channel)
              .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .join(
                  JoinRequest.newBuilder()
                      .setToken(token.text())
                      .setCertificateRequest(ByteString.copyFrom(ask.request().toByteArray()))
                      .setEngine(engine)
                      .setAgentVersion(agentVersion)
                      .setAssumeIdentical(assumeIdentical)
                      .build());
      if (!response.getSpoke().equals(token.spoke().name())) {
        throw refused("the hub answered for another spoke: " + response.getSpoke());
      }
      AgentIdentity identity =
          IdentityStore.issued(
              ask,
              Bytes.wrap(response.getCertificate().toByteArray()),
              Bytes.wrap(response.getAuthority().toByteArray()));
      if (!pin.isPinned(identity.authority())) {
        throw refused("the authority in the answer is not the one that the token names");
      }
      return new Enrolled(
          identity,
          response.getHubName(),
          Direction.ofLabel(response.getDirection()),
          new ChannelId(response.getChannel()));
    } catch (StatusRuntimeException e) {
      throw failed(e.getStatus());
    } finally {
      channel.shutdownNow();
    }
  }

  private Fault failed(Status status) {
    String said = status.getDescription() == null ? "" : status.getDescription();
    return switch (status.getCode()) {
      case UNAUTHENTICATED,
          PERMISSION_DENIED,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          FAILED_PRECONDITION ->
          refused(said.isEmpty() ? "the hub does not take this token" : said);
      case RESOURCE_EXHAUSTED ->
          Fault.of(FaultKind.REFUSED, "redeem token", "too many attempts from here")
              .at(hub)
              .hint("wait a minute and try again")
              .build();
      case DEADLINE_EXCEEDED ->
          Fault.of(FaultKind.UNREACHABLE, "redeem token", "the hub did not answer within 20 s")
              .at(hub)
              .hint("is the hub running, and can this machine reach it?")
              .build();
      default -> EndOfCall.fault(hub, status);
    };
  }

  private Fault refused(String reason) {
    boolean advises = reason.endsWith(")"); // the hub's own hint
    return Fault.of(FaultKind.REFUSED, "redeem token", reason)
        .at(hub)
        .hint(advises ? "" : "is this the hub that syncadm topology add-spoke was asked at?")
        .build();
  }
}
