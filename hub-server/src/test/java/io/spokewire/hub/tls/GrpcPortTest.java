package io.spokewire.hub.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.config.YamlDocument;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.FakeTime;
import io.spokewire.hub.TestKeys;
import io.spokewire.hub.enrolment.EnrolmentService;
import io.spokewire.hub.enrolment.FailureLimit;
import io.spokewire.hub.settings.DataDirectory;
import io.spokewire.hub.settings.HostPort;
import io.spokewire.hub.settings.HubSettings;
import io.spokewire.hub.stream.CertificateRenewal.Renewed;
import io.spokewire.hub.stream.Peer;
import io.spokewire.hub.topology.JoinTokens;
import io.spokewire.hub.topology.SqliteCertificates;
import io.spokewire.hub.topology.SqliteTopology;
import io.spokewire.hub.topology.TopologyDatabase;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.CertifiedName;
import io.spokewire.hub.topology.certificate.IssuedCertificate;
import io.spokewire.hub.topology.certificate.Pem;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.EnrolmentGrpc;
import io.spokewire.proto.HubMessage;
import io.spokewire.proto.JoinRequest;
import io.spokewire.proto.JoinResponse;
import io.spokewire.proto.SpokeLinkGrpc;
import io.spokewire.proto.Welcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The TLS port with real handshakes over loopback. */
final class GrpcPortTest {
  private static final SpokeId PORTO = new SpokeId("porto");
  private static final Duration LIFE = Duration.ofHours(3);
  private static final String ADMIN_SERVICE = "spokewire.Admin";

  @TempDir Path temp;
  private final FakeTime time = new FakeTime();
  private final SecureRandom random = new SecureRandom();
  private final CertificateAuthority authority = CertificateAuthority.create("hub", time, random);
  private final KeyPair key = TestKeys.key();
  private DataDirectory directory;
  private TopologyDatabase database;
  private SqliteTopology topology;
  private SqliteCertificates certificates;
  private JoinTokens tokens;
  private HubIdentity identity;
  private GrpcPort port;

  @BeforeEach
  void start() throws Exception {
    Path dir = temp.resolve("hub");
    DataDirectory.create(dir, d -> d.write(d.settings(), "name: hub\n"));
    Files.createDirectory(dir.resolve("tls"));
    directory = DataDirectory.open(dir);
    HubSettings settings =
        HubSettings.of(
            YamlDocument.parse("hub.yaml", "certificates: {leaf_lifetime: 3h}\nname: hub\n"));
    database = TopologyDatabase.open(directory.topology());
    topology = new SqliteTopology(database);
    certificates = new SqliteCertificates(database, time);
    tokens = new JoinTokens(database, topology, authority.pin(), time, random);
    identity = new HubIdentity(authority, directory, settings, time, random);
    PeerInterceptor interceptor =
        new PeerInterceptor(
            new PeerCheck(authority, certificates, topology, time),
            Map.of(
                EnrolmentGrpc.SERVICE_NAME,
                PeerInterceptor.Audience.ANYBODY,
                SpokeLinkGrpc.SERVICE_NAME,
                PeerInterceptor.Audience.SPOKES,
                ADMIN_SERVICE,
                PeerInterceptor.Audience.ADMINS));
    List<BindableService> services =
        List.of(
            new EnrolmentService(tokens, authority, LIFE, new FailureLimit(5, time)),
            new WhoAmI(),
            new AdminStandIn());
    port = new GrpcPort(new HostPort("127.0.0.1", 0), identity, interceptor, services, 1 << 20);
    topology.add(PORTO, Direction.BOTH, ChannelId.MAIN);
  }

  @AfterEach
  void stop() {
    port.close();
    database.close();
    directory.close();
  }

  @Test
  void aSpokeJoinsAndIsKnownByItsCertificate() {
    JoinResponse joined = join(tokens.issue(PORTO, LIFE).token().text());

    assertThat(joined.getSpoke()).isEqualTo("porto");
    assertThat(joined.getHubName()).isEqualTo("hub");
    assertThat(joined.getDirection()).isEqualTo("both");
    X509Certificate leaf = Pem.certificate(joined.getCertificate().toByteArray(), "answer");
    assertThat(attach(leaf)).isEqualTo("porto");
    assertThat(topology.find(PORTO).orElseThrow().engine()).isEqualTo("postgresql");
  }

  @Test
  void whoeverShowsNoCertificateReachesOnlyEnrolment() {
    assertRefused(() -> attach(null), Status.Code.UNAUTHENTICATED, "no_certificate");
    assertRefused(() -> admin(null, null), Status.Code.UNAUTHENTICATED, "no_certificate");
  }

  @Test
  void aCertificateOfAnotherAuthorityIsRefusedEvenUnderOurNames() {
    CertificateAuthority other = CertificateAuthority.create("hub", time, random);
    IssuedCertificate foreign =
        other.issue(new CertifiedName.OfSpoke(PORTO), key.getPublic(), LIFE);

    assertRefused(
        () -> attach(foreign.certificate()), Status.Code.UNAUTHENTICATED, "other_authority");
  }

  @Test
  void anExpiredAndAFutureCertificateAreRefused() {
    IssuedCertificate leaf = issued(new CertifiedName.OfSpoke(PORTO));
    assertThat(attach(leaf.certificate())).isEqualTo("porto");

    time.advance(LIFE.plusSeconds(1));
    assertRefused(() -> attach(leaf.certificate()), Status.Code.UNAUTHENTICATED, "expired");

    IssuedCertificate later = issued(new CertifiedName.OfSpoke(PORTO));
    time.advance(LIFE.negated());
    assertRefused(() -> attach(later.certificate()), Status.Code.UNAUTHENTICATED, "not_yet_valid");
  }

  @Test
  void aRemovedSpokeIsRefusedAndItsOldCertificateStaysWorthlessWhenTheNameComesBack() {
    IssuedCertificate old = issued(new CertifiedName.OfSpoke(PORTO));
    topology.remove(PORTO);
    assertRefused(() -> attach(old.certificate()), Status.Code.PERMISSION_DENIED, "removed");

    topology.add(PORTO, Direction.BOTH, ChannelId.MAIN);

    assertRefused(() -> attach(old.certificate()), Status.Code.PERMISSION_DENIED, "superseded");
  }

  @Test
  void aSpokeCantAdministerAndAnAdministratorCantBeASpoke() {
    IssuedCertificate spoke = issued(new CertifiedName.OfSpoke(PORTO));
    IssuedCertificate admin = issued(new CertifiedName.OfAdmin("ana"));

    assertRefused(
        () -> admin(key.getPrivate(), spoke.certificate()),
        Status.Code.PERMISSION_DENIED,
        "wrong_role");
    assertRefused(() -> attach(admin.certificate()), Status.Code.PERMISSION_DENIED, "wrong_role");
    assertThat(admin(key.getPrivate(), admin.certificate())).isEqualTo("ana");
  }

  @Test
  void theHubsOwnCertificateOpensNothing() throws Exception {
    String pem = Files.readString(directory.hubCertificate());

    assertRefused(
        () -> attach(Pem.key(pem, "hub"), Pem.certificate(pem, "hub")),
        Status.Code.UNAUTHENTICATED,
        "other_authority");
  }

  @Test
  void wrongTokensAreRefusedWithAReasonAndTooManyAreHeldUp() {
    String token = tokens.issue(PORTO, LIFE).token().text();
    join(token);

    assertThat(failure(() -> join(token)).getStatus().getDescription())
        .contains("used already")
        .contains("syncadm topology add-spoke porto");
    assertThat(failure(() -> join("rubbish")).getStatus().getCode())
        .isEqualTo(Status.Code.PERMISSION_DENIED);
    for (int i = 0; i < 3; i++) {
      failure(() -> join("rubbish"));
    }
    String good = tokens.issue(PORTO, LIFE).token().text();
    assertThat(failure(() -> join(good)).getStatus().getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);

    time.advance(Duration.ofSeconds(61));
    assertThat(join(good).getSpoke()).isEqualTo("porto");
  }

  @Test
  void aBadRequestDoesNotCostTheToken() {
    String token = tokens.issue(PORTO, LIFE).token().text();
    StatusRuntimeException refused =
        failure(
            () ->
                call(
                    null,
                    null,
                    channel ->
                        EnrolmentGrpc.newBlockingStub(channel)
                            .join(
                                JoinRequest.newBuilder()
                                    .setToken(token)
                                    .setEngine("postgresql")
                                    .setCertificateRequest(ByteString.copyFromUtf8("no request"))
                                    .build())));

    assertThat(refused.getStatus().getDescription()).contains("can't be read");
    assertThat(join(token).getSpoke()).isEqualTo("porto");
  }

  @Test
  void aRenewedCertificateOpensTheHubBesideThePresentOne() {
    IssuedCertificate present = issued(new CertifiedName.OfSpoke(PORTO));
    KeyPair nextKey = TestKeys.key();

    Renewed next =
        new AuthorityRenewal(authority, certificates, LIFE)
            .renew(PORTO, Bytes.wrap(TestKeys.request(nextKey, "CN=somebody else")));

    X509Certificate leaf = Pem.certificate(next.certificate().toByteArray(), "renewal");
    assertThat(attach(nextKey.getPrivate(), leaf)).isEqualTo("porto");
    assertThat(attach(present.certificate())).isEqualTo("porto");
  }

  @Test
  void theHubRenewsItsOwnCertificateWhileItRuns() throws Exception {
    IssuedCertificate spoke = issued(new CertifiedName.OfSpoke(PORTO));
    String before = Files.readString(directory.hubCertificate());
    ManagedChannel open = channel(key.getPrivate(), spoke.certificate());
    try {
      assertThat(attachOn(open)).isEqualTo("porto");
      assertThat(identity.doWork()).isZero();

      time.advance(Duration.ofMinutes(125));
      assertThat(identity.doWork()).isOne();
      assertThat(identity.doWork()).isZero();

      assertThat(Files.readString(directory.hubCertificate())).isNotEqualTo(before);
      assertThat(attachOn(open)).as("the open connection goes on").isEqualTo("porto");
    } finally {
      open.shutdownNow();
    }
  }

  @Test
  void nothingIsServedWithoutTls() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", port.address().port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();

      byte[] answer = socket.getInputStream().readAllBytes();
      assertThat(answer.length).as("at most a TLS alert").isLessThanOrEqualTo(7);
    }
  }

  private IssuedCertificate issued(CertifiedName name) {
    IssuedCertificate leaf = authority.issue(name, key.getPublic(), LIFE);
    certificates.add(leaf);
    return leaf;
  }

  private JoinResponse join(String token) {
    return call(
        null,
        null,
        channel ->
            EnrolmentGrpc.newBlockingStub(channel)
                .join(
                    JoinRequest.newBuilder()
                        .setToken(token)
                        .setEngine("postgresql")
                        .setCertificateRequest(
                            ByteString.copyFrom(TestKeys.request(key, "CN=whatever")))
                        .build()));
  }

  private String attach(X509Certificate certificate) {
    return attach(key.getPrivate(), certificate);
  }

  private String attach(PrivateKey clientKey, X509Certificate certificate) {
    return call(clientKey, certificate, GrpcPortTest::attachOn);
  }

  private static String attachOn(ManagedChannel channel) {
    var messages =
        ClientCalls.blockingServerStreamingCall(
            channel,
            SpokeLinkGrpc.getAttachMethod(),
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
            AgentMessage.getDefaultInstance());
    return messages.next().getWelcome().getSpoke();
  }

  private String admin(PrivateKey clientKey, X509Certificate certificate) {
    return call(
        clientKey,
        certificate,
        channel ->
            ClientCalls.blockingUnaryCall(
                    channel,
                    AdminStandIn.METHOD,
                    CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                    JoinRequest.getDefaultInstance())
                .getSpoke());
  }

  private <T> T call(
      PrivateKey clientKey, X509Certificate certificate, Function<ManagedChannel, T> use) {
    ManagedChannel channel = channel(clientKey, certificate);
    try {
      return use.apply(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  private ManagedChannel channel(PrivateKey clientKey, X509Certificate certificate) {
    try {
      TlsChannelCredentials.Builder credentials =
          TlsChannelCredentials.newBuilder().trustManager(stream(Pem.of(authority.certificate())));
      if (certificate != null) {
        credentials.keyManager(stream(Pem.of(certificate)), stream(Pem.of(clientKey)));
      }
      return NettyChannelBuilder.forAddress("127.0.0.1", port.address().port(), credentials.build())
          .build();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void assertRefused(Runnable call, Status.Code code, String refusal) {
    StatusRuntimeException e = failure(call);
    assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code);
    assertThat(e.getTrailers().get(Refusal.TRAILER)).isEqualTo(refusal);
  }

  private static StatusRuntimeException failure(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run);
  }

  /** Answers with the spoke that the port made of the caller. */
  private static final class WhoAmI extends SpokeLinkGrpc.SpokeLinkImplBase {
    @Override
    public StreamObserver<AgentMessage> attach(StreamObserver<HubMessage> hub) {
      Welcome welcome = Welcome.newBuilder().setSpoke(Peer.PEER.get().spoke().name()).build();
      hub.onNext(HubMessage.newBuilder().setWelcome(welcome).build());
      return new StreamObserver<>() {
        @Override
        public void onNext(AgentMessage message) {}

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {
          hub.onCompleted();
        }
      };
    }
  }

  /** A service under the admin service's name, with another's messages. */
  private static final class AdminStandIn implements BindableService {
    private static final MethodDescriptor<JoinRequest, JoinResponse> METHOD =
        EnrolmentGrpc.getJoinMethod().toBuilder().setFullMethodName(ADMIN_SERVICE + "/Who").build();

    @Override
    public ServerServiceDefinition bindService() {
      return ServerServiceDefinition.builder(ADMIN_SERVICE)
          .addMethod(
              METHOD,
              ServerCalls.asyncUnaryCall(
                  (request, response) -> {
                    response.onNext(
                        JoinResponse.newBuilder().setSpoke(AdminPeer.current().name()).build());
                    response.onCompleted();
                  }))
          .build();
    }
  }
}
