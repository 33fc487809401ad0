package io.spokewire.hub.topology.certificate;

import io.spokewire.common.id.SpokeId;
import java.security.PublicKey;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a spoke its next certificate over the session that its present one opened. Safe from any
 * thread.
 */
public final class CertificateRenewal {
  private static final Logger LOG = LoggerFactory.getLogger("io.spokewire.security");

  private final CertificateAuthority authority;
  private final IssuedCertificates issued;
  private final Duration leafLifetime;

  public CertificateRenewal(
      CertificateAuthority authority, IssuedCertificates issued, Duration leafLifetime) {
    this.authority = authority;
    this.issued = issued;
    this.leafLifetime = leafLifetime;
  }

  /**
   * Signs the key of a request; the names in it are ignored.
   *
   * @param spoke whom the session's certificate stands for
   * @param request PKCS#10, DER
   * @throws io.spokewire.common.fault.Fault REFUSED if the request is not sound or the spoke is
   *     gone
   */
  public IssuedCertificate renew(SpokeId spoke, byte[] request) {
    PublicKey key = CertificateAsk.keyOf(request);
    IssuedCertificate next = authority.issue(new CertifiedName.OfSpoke(spoke), key, leafLifetime);
    issued.renew(next);
    LOG.info(
        "certificate renewed: spoke={} serial={} until={}", spoke, next.serial(), next.notAfter());
    return next;
  }

  /** The authority's own certificate, DER, to be sent along. */
  public byte[] authorityDer() {
    return authority.der();
  }
}
