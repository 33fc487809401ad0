package io.spokewire.agent.pipeline;

import io.spokewire.agent.identity.AgentIdentity;
import io.spokewire.agent.identity.CertificateAsk;
import io.spokewire.agent.identity.IdentityStore;
import io.spokewire.agent.stream.HubSession;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SpokeId;
import java.security.SecureRandom;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks for a new certificate, over a new key, when two thirds of the leaf's life are over. The old
 * one is in use until the new one is durable; a running session is not touched, the next one uses
 * the new one. Used by one thread; {@link #current()} by any.
 */
public final class Renewal {
  private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);
  private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

  private final SpokeId spoke;
  private final IdentityStore store;
  private volatile AgentIdentity identity;
  private final SecureRandom random;
  private final TimeSource time;
  private @Nullable CertificateAsk asked;
  private @Nullable HubSession askedOver;
  private long askedNanos;

  public Renewal(
      SpokeId spoke,
      IdentityStore store,
      AgentIdentity identity,
      SecureRandom random,
      TimeSource time) {
    this.spoke = spoke;
    this.store = store;
    this.identity = identity;
    this.random = random;
    this.time = time;
  }

  /** The identity to attach with. */
  public AgentIdentity current() {
    return identity;
  }

  /** Asks if it is time to, and nothing was asked of this session a moment ago. */
  void look(@Nullable HubSession session) {
    if (session == null || time.instant().isBefore(current().renewAt())) {
      return;
    }
    boolean waiting =
        asked != null && session == askedOver && time.nanos() - askedNanos < PATIENCE_NANOS;
    if (!waiting) {
      CertificateAsk ask = CertificateAsk.make(spoke, random);
      asked = ask;
      askedOver = session;
      askedNanos = time.nanos();
      session.requestCertificate(ask.request());
    }
  }

  /** Takes the answer into use; one that does not fit is logged, and asked for again later. */
  void take(Bytes certificate, Bytes authority) {
    CertificateAsk ask = asked;
    if (ask == null) {
      return;
    }
    AgentIdentity next;
    try {
      next = IdentityStore.issued(ask, certificate, authority);
    } catch (Fault fault) {
      LOG.warn("{}", fault.getMessage());
      return;
    }
    if (!next.authority().equals(current().authority())) {
      LOG.warn("a certificate of another authority was refused");
      return;
    }
    store.save(next);
    identity = next;
    asked = null;
    LOG.info("certificate renewed, good until {}", next.expiresAt());
  }
}
