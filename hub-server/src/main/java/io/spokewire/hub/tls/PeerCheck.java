package io.spokewire.hub.tls;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.hub.topology.Topology;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.CertifiedName;
import io.spokewire.hub.topology.certificate.IssuedCertificate;
import io.spokewire.hub.topology.certificate.IssuedCertificates;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether a shown certificate proves a name here and now. The connection itself already
 * proved that the peer holds the private key. Stateless; safe from any thread.
 */
public final class PeerCheck {
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

  private final CertificateAuthority authority;
  private final IssuedCertificates issued;
  private final Topology topology;
  private final TimeSource time;

  public PeerCheck(
      CertificateAuthority authority,
      IssuedCertificates issued,
      Topology topology,
      TimeSource time) {
    this.authority = authority;
    this.issued = issued;
    this.topology = topology;
    this.time = time;
  }

  /** Either a name or a refusal. */
  public sealed interface Verdict {
    /** Proven. */
    record Known(CertifiedName name) implements Verdict {}

    /** Turned away; {@code claimed} is what the certificate says, for the log. */
    record Refused(Refusal refusal, String claimed) implements Verdict {}
  }

  public Verdict check(X509Certificate certificate) {
    String claimed = claimed(certificate);
    if (!isOurs(certificate)) {
      return new Verdict.Refused(Refusal.OTHER_AUTHORITY, claimed);
    }
    Instant now = time.instant();
    if (now.isBefore(certificate.getNotBefore().toInstant())) {
      return new Verdict.Refused(Refusal.NOT_YET_VALID, claimed);
    }
    if (now.isAfter(certificate.getNotAfter().toInstant())) {
      return new Verdict.Refused(Refusal.EXPIRED, claimed);
    }
    Optional<CertifiedName> name = CertifiedName.of(certificate, authority.hubName());
    if (name.isEmpty()) {
      return new Verdict.Refused(Refusal.NO_NAME, claimed);
    }
    if (name.get() instanceof CertifiedName.OfSpoke spoke
        && topology.find(spoke.spoke()).isEmpty()) {
      return new Verdict.Refused(Refusal.REMOVED, claimed);
    }
    if (!issued.opens(IssuedCertificate.serialOf(certificate), name.get())) {
      return new Verdict.Refused(Refusal.SUPERSEDED, claimed);
    }
    return new Verdict.Known(name.get());
  }

  /** Signed by our authority, as a leaf and for a client. */
  private boolean isOurs(X509Certificate certificate) {
    try {
      certificate.verify(authority.certificate().getPublicKey());
      List<String> purposes = certificate.getExtendedKeyUsage();
      return certificate.getBasicConstraints() < 0
          && purposes != null
          && purposes.contains(CLIENT_AUTH);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String claimed(X509Certificate certificate) {
    String subject = certificate.getSubjectX500Principal().getName();
    return subject.length() <= 80 ? subject : subject.substring(0, 80);
  }
}
