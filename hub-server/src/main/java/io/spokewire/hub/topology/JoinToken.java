package io.spokewire.hub.topology;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SpokeId;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/**
 * What lets one agent join once: {@code sw1.<spoke>.<secret>.<pin>}, the last two in base64url
 * without padding.
 *
 * @param secret 32 random bytes; the hub keeps their hash only
 * @param authorityPin SHA-256 of the SubjectPublicKeyInfo of the hub's CA, by which the agent knows
 *     the hub before it has any certificate
 */
public record JoinToken(SpokeId spoke, Bytes secret, Bytes authorityPin) {
  private static final String FORM = "sw1";
  private static final int SECRET_BYTES = 32;

  static JoinToken make(SpokeId spoke, Bytes authorityPin, SecureRandom random) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return new JoinToken(spoke, Bytes.wrap(secret), authorityPin);
  }

  /** Reads the text form; empty if it is not one. */
  public static Optional<JoinToken> parse(String text) {
    String[] parts = text.strip().split("\\.", -1);
    if (parts.length != 4 || !parts[0].equals(FORM)) {
      return Optional.empty();
    }
    try {
      Bytes secret = Bytes.wrap(Base64.getUrlDecoder().decode(parts[2]));
      Bytes pin = Bytes.wrap(Base64.getUrlDecoder().decode(parts[3]));
      return secret.length() == SECRET_BYTES && pin.length() == SECRET_BYTES
          ? Optional.of(new JoinToken(new SpokeId(parts[1]), secret, pin))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The form for people and commands. A secret: shown once, never logged. */
  public String text() {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    return String.join(
        ".",
        FORM,
        spoke.name(),
        base64.encodeToString(secret.toByteArray()),
        base64.encodeToString(authorityPin.toByteArray()));
  }

  byte[] hash() {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.toByteArray());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "join token of " + spoke;
  }
}
