package io.spokewire.agent.identity;

import io.spokewire.common.bytes.Bytes;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server only if the chain it shows contains an authority whose public key has the pinned
 * SHA-256, verifies up to it, and carries the host name that was called. Holds no state; safe from
 * any thread.
 */
public final class PinnedAuthority extends X509ExtendedTrustManager {
  private final Bytes pin;

  /** Trusts the authority with this SHA-256 of its SubjectPublicKeyInfo. */
  public PinnedAuthority(Bytes pin) {
    this.pin = pin;
  }

  /** The pin of a certificate. */
  public static Bytes pinOf(X509Certificate certificate) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return Bytes.wrap(sha.digest(certificate.getPublicKey().getEncoded()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  /** Whether this is the authority that was pinned. */
  public boolean isPinned(X509Certificate authority) {
    return pinOf(authority).equals(pin) && authority.getBasicConstraints() >= 0;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    trustOf(chain).checkServerTrusted(chain, authType, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    trustOf(chain).checkServerTrusted(chain, authType, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("the host name can't be checked without an engine");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw notForClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw notForClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw notForClients();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  // The runtime's own path checking, with the pinned authority as its only anchor.
  private X509ExtendedTrustManager trustOf(X509Certificate[] chain) throws CertificateException {
    X509Certificate authority =
        Arrays.stream(chain).filter(this::isPinned).findFirst().orElse(null);
    if (authority == null) {
      throw new WrongAuthorityException();
    }
    return trusting(authority);
  }

  /** A trust manager of the runtime with one anchor. */
  public static X509ExtendedTrustManager trusting(X509Certificate authority)
      throws CertificateException {
    try {
      KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
      anchors.load(null, null);
      anchors.setCertificateEntry("hub", authority);
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(anchors);
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new CertificateException("trust can't be set up", e);
    }
  }

  private static CertificateException notForClients() {
    return new CertificateException("an agent accepts no clients");
  }

  /** The server's chain does not contain the pinned authority. */
  public static final class WrongAuthorityException extends CertificateException {
    private static final long serialVersionUID = 1L;

    WrongAuthorityException() {
      super("the server's authority is not the one that the token names");
    }
  }
}
