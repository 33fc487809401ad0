package io.spokewire.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.YamlDocument;
import io.spokewire.common.config.YamlMap;
import io.spokewire.common.fault.Fault;
import io.spokewire.hub.settings.HubSettings;
import io.spokewire.hub.topology.certificate.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class HubServerTest {
  @TempDir Path temp;
  private Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void pickDirectory() {
    dir = temp.resolve("hub");
  }

  @Test
  void initMakesPrivateFilesAndAProfile() throws IOException {
    assertThat(init("--name", "alpha", "--san", "hub.example.org")).isZero();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir)))
        .isEqualTo("rwx------");
    for (String file :
        List.of("admin.yaml", "hub.yaml", "tls/ca.pem", "tls/hub.pem", "topology.db")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(file))))
          .as(file)
          .isEqualTo("rw-------");
    }
    HubSettings settings = HubSettings.read(dir.resolve("hub.yaml"));
    assertThat(settings.name()).isEqualTo("alpha");
    assertThat(settings.grpc().san()).containsExactly("hub.example.org");
    YamlMap profile = YamlDocument.read(dir.resolve("admin.yaml")).root();
    assertThat(profile.requiredText("hub")).isEqualTo("hub.example.org:0");
    for (String key : List.of("ca", "certificate", "key")) {
      assertThat(profile.requiredText(key)).startsWith("-----BEGIN ").endsWith("-----\n");
    }
    assertThat(out.toString()).contains("hub-server run --data-dir " + dir);
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files.map(f -> f.getFileName().toString())).doesNotContain("init.unfinished");
    }
  }

  @Test
  void initRefusesADirectoryWithAnythingInItAndTouchesNothing() throws IOException {
    Files.createDirectory(dir);
    Files.writeString(dir.resolve("precious"), "x");

    assertThat(init()).isEqualTo(2);

    assertThat(err.toString()).contains("the directory is not empty");
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactly("precious");
    }
  }

  @Test
  void aBrokenOffInitLeavesNothingAndIsStartedOver() throws IOException {
    Files.createDirectory(dir);
    Files.writeString(dir.resolve("init.unfinished"), "");
    Files.writeString(dir.resolve("hub.yaml"), "name: half");

    assertThatThrownBy(() -> start()).hasMessageContaining("no hub was set up here");
    assertThat(init()).isZero();

    assertThat(HubSettings.read(dir.resolve("hub.yaml")).name()).isEqualTo("hub");
  }

  @Test
  void wrongOptionsMakeNothing() {
    assertThat(init("--name", "Not A Name")).isEqualTo(2);
    assertThat(init("--http", "nowhere")).isEqualTo(2);
    assertThat(init("--colour", "red")).isEqualTo(2);

    assertThat(dir).doesNotExist();
    assertThat(err.toString()).contains("hub name 'Not A Name'").contains("not HOST:PORT");
  }

  @Test
  void theHubServesMetricsHealthAndAConsole() throws Exception {
    init();
    try (HubProcess hub = start()) {
      assertThat(hub.grpc().port()).isPositive();
      assertThat(get(hub, "/healthz").statusCode()).isEqualTo(200);
      assertThat(get(hub, "/readyz").statusCode()).isEqualTo(200);
      assertThat(get(hub, "/metrics").statusCode()).isEqualTo(200);
      assertThat(get(hub, "/").body()).contains("<h1>Spokewire</h1>").contains("add-spoke");
      assertThat(get(hub, "/nothing").statusCode()).isEqualTo(404);
      assertThat(Files.readString(dir.resolve("admin.yaml")))
          .contains("hub: \"" + hub.grpc() + "\"");
    }
  }

  @Test
  void aHubThatStoppedLeavesItsPortsAndDirectoryToTheNext() {
    init();
    start().close();
    start().close();
  }

  @Test
  void aSecondHubOnOneDirectoryIsRefused() {
    init();
    try (HubProcess hub = start()) {
      assertThat(hub.grpc().port()).isPositive();
      assertThat(run()).isEqualTo(2);
      assertThat(err.toString()).contains("another hub-server is using it");
    }
  }

  @Test
  void aDirectoryThatOthersMayReadIsRefused() throws IOException {
    init();
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));

    assertThat(run()).isEqualTo(4);
    assertThat(err.toString()).contains("others may read it (rwxr-xr-x)").contains("chmod 700");

    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
    Files.setPosixFilePermissions(
        dir.resolve("tls/ca.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(run()).isEqualTo(4);
    assertThat(err.toString()).contains("chmod 600");
  }

  @Test
  void everyFaultOfTheSettingsIsListed() throws IOException {
    init();
    Files.writeString(
        dir.resolve("hub.yaml"),
        """
        name: hub
        grpc: {listen: nowhere, sna: [x]}
        certificates: {leaf_lifetime: 30}
        """);

    assertThat(run()).isEqualTo(2);

    assertThat(err.toString().lines())
        .hasSize(4)
        .last()
        .asString()
        .startsWith("  " + dir + "/hub.yaml:3: 'certificates.leaf_lifetime' is '30'");
    assertThat(err.toString()).contains("unknown key 'grpc.sna' (did you mean 'san'?)");
  }

  @Test
  void theAuditsDatabaseIsCheckedBeforeAnythingStarts() throws IOException {
    init();
    Path yaml = dir.resolve("hub.yaml");
    String settings = Files.readString(yaml);
    Files.writeString(yaml, settings + "audit: {url: \"jdbc:mysql://h/x\", credentials: secret}\n");
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString())
        .contains("jdbc:postgresql://HOST:PORT/DATABASE")
        .contains("audit.user")
        .contains("never the password itself");

    Path password = Files.writeString(temp.resolve("password"), "x");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-r--r--"));
    Files.writeString(
        yaml,
        settings
            + "audit: {url: \"jdbc:postgresql://127.0.0.1:1/x\", user: a, credentials: \"file:"
            + password
            + "\"}\n");
    assertThat(run()).isEqualTo(4);
    assertThat(err.toString()).contains("chmod 600 " + password);
  }

  @Test
  void aHubThatWasNeverSetUpOrIsRenamedSaysSo() throws IOException {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("no hub was set up here").contains("hub-server init");

    init();
    Path yaml = dir.resolve("hub.yaml");
    Files.writeString(yaml, Files.readString(yaml).replace("name: hub", "name: other"));
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("made for another name than 'other'");
  }

  @Test
  void aCertificateOfSecondsIsRenewedAgainAndAgainWhileTheHubRuns() throws Exception {
    init();
    Path yaml = dir.resolve("hub.yaml");
    Files.writeString(yaml, Files.readString(yaml) + "certificates: {leaf_lifetime: 3s}\n");
    try (HubProcess hub = start()) {
      X509Certificate first = shownBy(hub);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> Instant.now().isAfter(first.getNotAfter().toInstant().plusSeconds(1)));

      X509Certificate later = shownBy(hub);

      assertThat(later.getSerialNumber()).isNotEqualTo(first.getSerialNumber());
      assertThat(later.getPublicKey()).isNotEqualTo(first.getPublicKey());
      assertThat(get(hub, "/readyz").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aPortInUseIsAFaultAndEverythingIsStoppedAgain() throws IOException {
    init();
    try (HubProcess hub = start()) {
      Path other = temp.resolve("other");
      command("init", "--data-dir", other.toString(), "--listen", hub.grpc().toString());

      assertThatThrownBy(() -> start(other))
          .isInstanceOf(Fault.class)
          .hasMessageContaining("listen for agents at " + hub.grpc());
      assertThatThrownBy(() -> start(other)).hasMessageContaining("listen for agents");
    }
  }

  private int init(String... more) {
    List<String> args =
        Stream.concat(
                Stream.of(
                    "init",
                    "--data-dir",
                    dir.toString(),
                    "--listen",
                    "127.0.0.1:0",
                    "--http",
                    "127.0.0.1:0"),
                Stream.of(more))
            .toList();
    return command(args.toArray(String[]::new));
  }

  private int run() {
    return command("run", "--data-dir", dir.toString());
  }

  private int command(String... args) {
    CommandLine commandLine = HubMain.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    commandLine.setOverwrittenOptionsAllowed(true);
    return commandLine.execute(args);
  }

  private HubProcess start() {
    return start(dir);
  }

  private static HubProcess start(Path directory) {
    return HubProcess.start(directory, TimeSource.SYSTEM, new SecureRandom());
  }

  /** Shakes hands as a client that trusts the profile's authority and checks host and dates. */
  private X509Certificate shownBy(HubProcess hub) throws Exception {
    String ca = YamlDocument.read(dir.resolve("admin.yaml")).root().requiredText("ca");
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", Pem.certificate(ca, "admin.yaml"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(hub.grpc().host(), hub.grpc().port())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static HttpResponse<String> get(HubProcess hub, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://" + hub.http() + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
