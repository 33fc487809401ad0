package io.spokewire.hub.tls;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.stream.CertificateRenewal;
import io.spokewire.hub.topology.certificate.CertificateAsk;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.CertifiedName;
import io.spokewire.hub.topology.certificate.IssuedCertificate;
import io.spokewire.hub.topology.certificate.IssuedCertificates;
import java.security.PublicKey;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a spoke its next certificate over the session that its present one opened. Safe from any
 * thread.
 */
public final class AuthorityRenewal implements CertificateRenewal {
  private static final Logger LOG = LoggerFactory.getLogger("io.spokewire.security");

  private final CertificateAuthority authority;
  private final IssuedCertificates issued;
  private final Duration leafLifetime;

  public AuthorityRenewal(
      CertificateAuthority authority, IssuedCertificates issued, Duration leafLifetime) {
    this.authority = authority;
    this.issued = issued;
    this.leafLifetime = leafLifetime;
  }

  @Override
  public Renewed renew(SpokeId spoke, Bytes request) {
    PublicKey key = CertificateAsk.keyOf(request.toByteArray());
    IssuedCertificate next = authority.issue(new CertifiedName.OfSpoke(spoke), key, leafLifetime);
    issued.renew(next);
    LOG.info(
        "certificate renewed: spoke={} serial={} until={}", spoke, next.serial(), next.notAfter());
    return new Renewed(Bytes.wrap(next.der()), Bytes.wrap(authority.der()));
  }
}
