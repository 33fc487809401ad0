package io.spokewire.hub.topology;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.topology.certificate.IssuedCertificate;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Join tokens: handed out for one spoke, used once, gone when they expire, when a newer one is
 * handed out, or when the spoke is removed. Safe from any thread; of two uses at once exactly one
 * wins.
 */
public final class JoinTokens {
  private static final Duration LONGEST_LIFE = Duration.ofDays(30);

  /** How long a used or expired token is remembered, so that its refusal can say what it was. */
  private static final Duration REMEMBERED = Duration.ofDays(30);

  private final TopologyDatabase database;
  private final SqliteTopology topology;
  private final Bytes authorityPin;
  private final TimeSource time;
  private final SecureRandom random;

  public JoinTokens(
      TopologyDatabase database,
      SqliteTopology topology,
      Bytes authorityPin,
      TimeSource time,
      SecureRandom random) {
    this.database = database;
    this.topology = topology;
    this.authorityPin = authorityPin;
    this.time = time;
    this.random = random;
  }

  /** A token and when it expires. */
  public record Issued(JoinToken token, Instant expires) {}

  /** What a joining agent says of itself. */
  public record Joining(String engine, boolean assumeIdentical) {}

  /**
   * Hands out a token. Unused ones handed out for this spoke before become worthless.
   *
   * @throws Fault USAGE if there is no such spoke or the life is not between a second and 30 days
   */
  public Issued issue(SpokeId spoke, Duration life) {
    if (life.compareTo(Duration.ofSeconds(1)) < 0 || life.compareTo(LONGEST_LIFE) > 0) {
      throw Fault.of(FaultKind.USAGE, "issue join token", "a life of " + life + " is out of range")
          .hint("use 1s to 30d")
          .build();
    }
    if (topology.find(spoke).isEmpty()) {
      throw Fault.of(FaultKind.USAGE, "issue join token", "there is no spoke '" + spoke + "'")
          .hint("add it: `syncadm topology add-spoke " + spoke + "`")
          .build();
    }
    JoinToken token = JoinToken.make(spoke, authorityPin, random);
    Instant expires = time.instant().plus(life).truncatedTo(ChronoUnit.MILLIS);
    return database.transaction(
        "issue join token",
        c -> {
          SqliteTopology.execute(
              c,
              "DELETE FROM join_token"
                  + " WHERE spoke = ? AND used_micros IS NULL OR expires_micros < ?",
              spoke.name(),
              time.epochMicros() - micros(REMEMBERED));
          SqliteTopology.execute(
              c,
              "INSERT INTO join_token (hash, spoke, expires_micros) VALUES (?, ?, ?)",
              token.hash(),
              spoke.name(),
              ChronoUnit.MICROS.between(Instant.EPOCH, expires));
          return new Issued(token, expires);
        });
  }

  /**
   * Says whether a token would be taken now, without using it.
   *
   * @return the spoke it is for
   * @throws Fault REFUSED if not, with the reason
   */
  public Spoke check(JoinToken token) {
    return database.transaction(
        "join",
        c -> {
          demandUsable(c, token, Bytes.EMPTY);
          return member(token);
        });
  }

  /**
   * Uses a token: in one step it is spent, what the agent said is kept, the certificate opens the
   * hub, and older certificates of the spoke no longer do. Whoever used it with the same key before
   * may do so again until it expires: the answer may have been lost on its way.
   *
   * @throws Fault REFUSED if the token is not good, or was used with another key
   */
  public Spoke redeem(JoinToken token, Joining joining, IssuedCertificate certificate) {
    member(token);
    Bytes bound = bound(token, certificate);
    return topology.updateWith(
        token.spoke(),
        before -> joined(before, joining),
        c -> {
          if (demandUsable(c, token, bound)) {
            use(c, token, bound);
          }
          return SqliteCertificates.insert(c, certificate);
        });
  }

  /** The key that used it is kept beside it, as another token of the same life. */
  private void use(Connection c, JoinToken token, Bytes bound) throws SQLException {
    SqliteTopology.execute(
        c,
        "INSERT INTO join_token (hash, spoke, expires_micros, used_micros)"
            + " SELECT ?, spoke, expires_micros, ? FROM join_token WHERE hash = ?",
        bound.toByteArray(),
        time.epochMicros(),
        token.hash());
    SqliteTopology.execute(
        c,
        "UPDATE join_token SET used_micros = ? WHERE hash = ?",
        time.epochMicros(),
        token.hash());
    SqliteTopology.execute(
        c, "DELETE FROM certificate WHERE kind = 'spoke' AND name = ?", token.spoke().name());
  }

  private static Bytes bound(JoinToken token, IssuedCertificate certificate) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(token.hash());
      digest.update(certificate.certificate().getPublicKey().getEncoded());
      return Bytes.wrap(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  private static Spoke joined(Spoke before, Joining joining) {
    return new Spoke(
        before.id(),
        before.direction(),
        before.channel(),
        joining.engine(),
        before.epoch(),
        before.standing(),
        before.reason(),
        before.paused(),
        before.startsAfter(),
        joining.assumeIdentical(),
        before.session());
  }

  private Spoke member(JoinToken token) {
    return topology
        .find(token.spoke())
        .orElseThrow(
            () ->
                refused(
                    "there is no spoke '" + token.spoke() + "' at this hub",
                    "register it: `syncadm topology add-spoke " + token.spoke() + "`"));
  }

  /**
   * True if the token is unused, false if it was used with this key.
   *
   * @param bound of the token and the key at hand; empty if there is none
   */
  private boolean demandUsable(Connection c, JoinToken token, Bytes bound) throws SQLException {
    if (!token.authorityPin().equals(authorityPin)) {
      throw refused(
          "the token was made by another hub", "check --hub, or get a token from this hub");
    }
    member(token);
    String again =
        "for a new one: `syncadm topology remove-spoke "
            + token.spoke()
            + "`, then `syncadm topology add-spoke "
            + token.spoke()
            + "`";
    try (PreparedStatement statement =
        c.prepareStatement(
            "SELECT spoke, expires_micros, used_micros FROM join_token WHERE hash = ?")) {
      statement.setBytes(1, token.hash());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw refused("the token is not known", again);
        }
        if (!row.getString(1).equals(token.spoke().name())) {
          throw refused("the token is for another spoke", again);
        }
        row.getLong(3);
        boolean used = !row.wasNull();
        if (used && !isKnown(c, bound)) {
          throw refused(
              "the token was used already",
              "each spoke has its own; if the agent that used it is gone for good, " + again);
        }
        if (row.getLong(2) <= time.epochMicros()) {
          throw refused("the token has expired", again);
        }
        return !used;
      }
    }
  }

  private static boolean isKnown(Connection c, Bytes bound) throws SQLException {
    try (PreparedStatement statement =
        c.prepareStatement("SELECT 1 FROM join_token WHERE hash = ?")) {
      statement.setBytes(1, bound.toByteArray());
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private static Fault refused(String reason, String hint) {
    return Fault.of(FaultKind.REFUSED, "join", reason).hint(hint).build();
  }

  private static long micros(Duration duration) {
    return duration.toSeconds() * 1_000_000;
  }
}
