package io.spokewire.hub.tls;

import io.grpc.Metadata;
import io.grpc.Status;
import java.util.Locale;

/** Why a peer is turned away. The code goes into the log and into the trailer of the call. */
public enum Refusal {
  NO_CERTIFICATE(
      Status.Code.UNAUTHENTICATED,
      "no client certificate was shown (agents: run spoke-agent join; syncadm: give a --profile)"),
  OTHER_AUTHORITY(
      Status.Code.UNAUTHENTICATED,
      "the certificate was not issued by this hub (check which hub it belongs to)"),
  EXPIRED(
      Status.Code.UNAUTHENTICATED,
      "the certificate has expired (get a new join token: syncadm topology add-spoke)"),
  NOT_YET_VALID(
      Status.Code.UNAUTHENTICATED,
      "the certificate is not valid yet (check the clocks of both machines)"),
  NO_NAME(Status.Code.UNAUTHENTICATED, "the certificate names nobody of this hub"),
  REMOVED(
      Status.Code.PERMISSION_DENIED,
      "the spoke was removed from the topology (add it again and join with a new token)"),
  SUPERSEDED(
      Status.Code.PERMISSION_DENIED,
      "the certificate belongs to an earlier join of this name (a newer agent took its place)"),
  WRONG_ROLE(Status.Code.PERMISSION_DENIED, "the certificate does not allow this call"),
  UNKNOWN_SERVICE(Status.Code.UNIMPLEMENTED, "there is no such service");

  /** Names the refusal for programs. */
  public static final Metadata.Key<String> TRAILER =
      Metadata.Key.of("spokewire-refusal", Metadata.ASCII_STRING_MARSHALLER);

  private final Status.Code code;
  private final String text;

  Refusal(Status.Code code, String text) {
    this.code = code;
    this.text = text;
  }

  /** As in the log and the trailer: {@code other_authority}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  Status status() {
    return code.toStatus().withDescription(text);
  }

  Metadata trailers() {
    Metadata trailers = new Metadata();
    trailers.put(TRAILER, label());
    return trailers;
  }
}
