package io.spokewire.hub.topology.certificate;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;

/** A certificate of this hub's authority together with whom it stands for. */
public record IssuedCertificate(CertifiedName name, X509Certificate certificate) {
  /** Hexadecimal. */
  public String serial() {
    return serialOf(certificate);
  }

  public static String serialOf(X509Certificate certificate) {
    return certificate.getSerialNumber().toString(16);
  }

  public Instant notAfter() {
    return certificate.getNotAfter().toInstant();
  }

  /** When two thirds of its life are over: time for a new one. */
  public Instant renewAfter() {
    long from = certificate.getNotBefore().getTime();
    return Instant.ofEpochMilli(from + (certificate.getNotAfter().getTime() - from) * 2 / 3);
  }

  public byte[] der() {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was just made has an encoding", e);
    }
  }
}
