package io.spokewire.agent.identity;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;

/**
 * What proves who this agent is, and whom it trusts. Immutable.
 *
 * @param certificate the agent's leaf
 * @param authority the hub's CA; the only one trusted
 */
public record AgentIdentity(
    PrivateKey key, X509Certificate certificate, X509Certificate authority) {

  /** When two thirds of the leaf's life are over: time for a new one. */
  public Instant renewAt() {
    Instant from = certificate.getNotBefore().toInstant();
    Instant to = certificate.getNotAfter().toInstant();
    return from.plusMillis((to.toEpochMilli() - from.toEpochMilli()) * 2 / 3);
  }

  public Instant expiresAt() {
    return certificate.getNotAfter().toInstant();
  }

  /** Hides the key. */
  @Override
  public String toString() {
    return "identity " + certificate.getSubjectX500Principal().getName();
  }
}
