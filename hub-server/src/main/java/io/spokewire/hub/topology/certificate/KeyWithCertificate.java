package io.spokewire.hub.topology.certificate;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/** What proves to be somebody: a private key and the certificate over its public half. */
public record KeyWithCertificate(PrivateKey key, X509Certificate certificate) {
  /** Hides the key. */
  @Override
  public String toString() {
    return "key of " + certificate.getSubjectX500Principal();
  }
}
