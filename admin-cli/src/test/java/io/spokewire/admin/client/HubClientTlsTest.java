package io.spokewire.admin.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Server;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.proto.AdminGrpc;
import io.spokewire.proto.ListSpokesRequest;
import io.spokewire.proto.ListSpokesResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A profile read from its file, used over mutual TLS on a loopback port. */
final class HubClientTlsTest {
  @TempDir Path directory;

  private Identity hub;
  private Identity admin;
  private Identity stranger;
  private Server server;

  @BeforeEach
  void start() throws Exception {
    hub = identity("hub");
    admin = identity("admin");
    stranger = identity("stranger");
    server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                TlsServerCredentials.newBuilder()
                    .keyManager(stream(hub.certificate()), stream(hub.key()))
                    .trustManager(stream(admin.certificate()))
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                    .build())
            .addService(
                new AdminGrpc.AdminImplBase() {
                  @Override
                  public void listSpokes(
                      ListSpokesRequest request, StreamObserver<ListSpokesResponse> reply) {
                    reply.onNext(ListSpokesResponse.getDefaultInstance());
                    reply.onCompleted();
                  }
                })
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void theProfilesIdentityOpensTheHub() throws Exception {
    try (HubClient client = HubClient.connect(profile(hub, admin))) {
      assertThat(client.spokes()).isEmpty();
    }
  }

  @Test
  void aHubOfAnotherAuthorityIsRefused() throws Exception {
    try (HubClient client = HubClient.connect(profile(stranger, admin))) {
      Fault fault = catchThrowableOfType(Fault.class, client::spokes);
      assertThat(fault.kind()).isEqualTo(FaultKind.REFUSED);
      assertThat(fault.hint()).contains("another hub");
    }
  }

  @Test
  void whoTheHubDoesNotKnowIsRefused() throws Exception {
    try (HubClient client = HubClient.connect(profile(hub, stranger))) {
      Fault fault = catchThrowableOfType(Fault.class, client::spokes);
      assertThat(fault.kind()).isEqualTo(FaultKind.REFUSED);
    }
  }

  @Test
  void aProfileNeverPrintsItsKey() throws Exception {
    assertThat(profile(hub, admin).toString()).doesNotContain("PRIVATE").contains("127.0.0.1");
  }

  private Profile profile(Identity authority, Identity self) throws Exception {
    Path file = directory.resolve("admin.yaml");
    Files.writeString(
        file,
        "hub: 127.0.0.1:"
            + server.getPort()
            + "\nca: |\n"
            + authority.certificate().indent(2)
            + "certificate: |\n"
            + self.certificate().indent(2)
            + "key: |\n"
            + self.key().indent(2));
    return Profile.read(file);
  }

  /** A self-signed identity, so that its certificate is its own authority. */
  private Identity identity(String name) throws Exception {
    Path store = directory.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "self",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    return new Identity(
        pem("CERTIFICATE", keys.getCertificate("self").getEncoded()),
        pem("PRIVATE KEY", keys.getKey("self", "changeit".toCharArray()).getEncoded()));
  }

  private static String pem(String what, byte[] der) {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }

  private static InputStream stream(String pem) {
    return new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8));
  }

  private record Identity(String certificate, String key) {}
}
