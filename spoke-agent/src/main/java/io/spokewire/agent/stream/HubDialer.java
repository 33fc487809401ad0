package io.spokewire.agent.stream;

import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.TlsChannelCredentials;
import io.spokewire.agent.identity.AgentIdentity;
import io.spokewire.agent.identity.PinnedAuthority;
import io.spokewire.agent.settings.HubAddress;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;

/** Opens TLS connections to the hub. Holds no connection itself; safe from any thread. */
final class HubDialer {
  /** More than any frame the hub may send. */
  private static final int LARGEST_MESSAGE = 32 << 20;

  private static final int KEEPALIVE_SECONDS = 10;
  private static final int KEEPALIVE_PATIENCE_SECONDS = 15;

  private HubDialer() {}

  /**
   * Mutual TLS as {@code identity}; the hub must show a certificate of the identity's authority.
   */
  static ManagedChannel dial(HubAddress hub, AgentIdentity identity) {
    try {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      char[] none = new char[0];
      keys.setKeyEntry(
          "agent",
          identity.key(),
          none,
          new Certificate[] {identity.certificate(), identity.authority()});
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, none);
      return dial(hub, PinnedAuthority.trusting(identity.authority()), factory.getKeyManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("an identity that was loaded can be used", e);
    }
  }

  /** TLS without a certificate of our own, for enrolment. */
  static ManagedChannel dial(HubAddress hub, TrustManager trust) {
    return dial(hub, trust, new KeyManager[0]);
  }

  private static ManagedChannel dial(HubAddress hub, TrustManager trust, KeyManager[] keys) {
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder().trustManager(trust);
    if (keys.length > 0) {
      tls.keyManager(keys);
    }
    ManagedChannelBuilder<?> channel =
        Grpc.newChannelBuilderForAddress(hub.host(), hub.port(), tls.build());
    return channel
        .maxInboundMessageSize(LARGEST_MESSAGE)
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_PATIENCE_SECONDS, TimeUnit.SECONDS)
        .disableRetry()
        .build();
  }
}
