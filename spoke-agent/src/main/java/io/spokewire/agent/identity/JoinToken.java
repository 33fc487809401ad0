package io.spokewire.agent.identity;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SpokeId;
import java.util.Base64;

/**
 * What an operator hands to a new agent: {@code sw1.<spoke>.<secret>.<pin>}, the last two base64url
 * without padding.
 *
 * @param secret 32 bytes, good for one certificate
 * @param authorityPin SHA-256 of the SubjectPublicKeyInfo of the hub's authority, so that the very
 *     first call already knows whom it speaks to
 */
public record JoinToken(SpokeId spoke, Bytes secret, Bytes authorityPin) {
  private static final int LENGTH = 32;

  /**
   * Reads the text form.
   *
   * @throws Fault REFUSED if it is not a whole token; the text is not repeated in it
   */
  public static JoinToken parse(String text) {
    String[] parts = text.strip().split("\\.", -1);
    if (parts.length != 4 || !parts[0].equals("sw1")) {
      throw malformed(null);
    }
    try {
      Bytes secret = Bytes.wrap(Base64.getUrlDecoder().decode(parts[2]));
      Bytes pin = Bytes.wrap(Base64.getUrlDecoder().decode(parts[3]));
      if (secret.length() != LENGTH || pin.length() != LENGTH) {
        throw malformed(null);
      }
      return new JoinToken(new SpokeId(parts[1]), secret, pin);
    } catch (IllegalArgumentException e) {
      throw malformed(e);
    }
  }

  private static Fault malformed(@org.jspecify.annotations.Nullable Exception cause) {
    return Fault.of(FaultKind.REFUSED, "read join token", "this is not a whole token")
        .hint("copy the one that syncadm topology add-spoke printed, all of it")
        .causedBy(cause);
  }

  /** The text form: what the hub is shown. */
  public String text() {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    return "sw1."
        + spoke
        + "."
        + base64.encodeToString(secret.toByteArray())
        + "."
        + base64.encodeToString(authorityPin.toByteArray());
  }

  /** Hides the secret. */
  @Override
  public String toString() {
    return "token for " + spoke;
  }
}
