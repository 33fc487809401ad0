package io.spokewire.hub.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Lets a handshake finish with whatever certificate the client shows; TLS still proves that the
 * client holds its key. {@link PeerInterceptor}, which stands before every service, then decides. A
 * refusal there can say why (other authority, expired, removed), whereas a broken handshake can't.
 */
final class ShownCertificates extends X509ExtendedTrustManager {
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType) {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType) {
    throw neverAClient();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
    throw neverAClient();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
    throw neverAClient();
  }

  /** Names no authority, so that a client of another hub shows its certificate and is told. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private static IllegalStateException neverAClient() {
    return new IllegalStateException("the hub never connects to anybody");
  }
}
