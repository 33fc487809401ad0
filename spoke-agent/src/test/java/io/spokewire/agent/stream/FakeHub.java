package io.spokewire.agent.stream;

import com.google.protobuf.ByteString;
import io.grpc.Grpc;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.StreamObserver;
import io.spokewire.agent.settings.HubAddress;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.wire.FrameReader;
import io.spokewire.common.wire.FrameWriter;
import io.spokewire.common.wire.IdCodec;
import io.spokewire.common.wire.UpstreamCodec;
import io.spokewire.proto.Acknowledge;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.Certificate;
import io.spokewire.proto.DownstreamBatch;
import io.spokewire.proto.EnrolmentGrpc;
import io.spokewire.proto.Frame;
import io.spokewire.proto.Hello;
import io.spokewire.proto.HubMessage;
import io.spokewire.proto.JoinRequest;
import io.spokewire.proto.JoinResponse;
import io.spokewire.proto.PlanScope;
import io.spokewire.proto.SpokeLinkGrpc;
import io.spokewire.proto.SpokeState;
import io.spokewire.proto.Welcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * A hub for one spoke, in memory, behind a real TLS port: keeps what a real one keeps durably,
 * checks that sequences are contiguous and hashes equal, and can break the connection at any time.
 */
public final class FakeHub implements AutoCloseable {
  public static final SpokeId SPOKE = new SpokeId("lisbon");

  public final LogIncarnation log = new LogIncarnation(UUID.randomUUID());
  public final X509Certificate authority;
  public final List<UpstreamRecord.Committed> taken = new CopyOnWriteArrayList<>();
  public final List<String> broken = new CopyOnWriteArrayList<>();
  public final List<AgentMessage> said = new CopyOnWriteArrayList<>();
  public volatile int duplicates;
  public volatile Duration leafLife = Duration.ofDays(30);
  public volatile SpokeState state = SpokeState.SPOKE_STATE_LIVE;
  public volatile int epoch = 1;
  public volatile long head;
  public volatile long applied;
  public volatile String refuseToken = "";
  public volatile boolean forked; // another copy of the agent wrote the last transaction
  public volatile boolean silent; // takes what comes and acknowledges nothing

  private final KeyPair authorityKeys;
  private final Server server;
  private final HubAddress address; // also once it is closed
  private final UpstreamCodec codec = new UpstreamCodec(SPOKE, log, ChannelId.MAIN);
  private final List<DownstreamBatch> entries = new ArrayList<>(); // one entry each
  private long session; // the last one confirmed
  private Session current;
  private ByteString lastSource = ByteString.EMPTY;
  private io.spokewire.proto.Context lastContext;
  private UpstreamRecord.Committed last;

  public FakeHub() throws Exception {
    authorityKeys = keys();
    authority = certificate("CN=hub ca", authorityKeys.getPublic(), Duration.ofDays(1), true);
    KeyPair own = keys();
    X509Certificate leaf = certificate("CN=hub", own.getPublic(), Duration.ofDays(1), false);
    server =
        Grpc.newServerBuilderForPort(
                0,
                TlsServerCredentials.newBuilder()
                    .keyManager(
                        pem("CERTIFICATE", leaf.getEncoded(), authority.getEncoded()),
                        pem("PRIVATE KEY", own.getPrivate().getEncoded()))
                    .trustManager(pem("CERTIFICATE", authority.getEncoded()))
                    .clientAuth(TlsServerCredentials.ClientAuth.OPTIONAL)
                    .build())
            .permitKeepAliveTime(1, TimeUnit.SECONDS)
            .addService(new Enrolment())
            .addService(new Link())
            .build()
            .start();
    address = new HubAddress("127.0.0.1", server.getPort());
  }

  public HubAddress address() {
    return address;
  }

  /** Breaks the session, as a lost connection does. */
  public synchronized void cut() {
    if (current != null) {
      Session gone = current;
      current = null;
      gone.end();
    }
  }

  public synchronized boolean isAttached() {
    return current != null && current.confirmed;
  }

  public synchronized long sessions() {
    return session;
  }

  /** Appends an entry to the log and sends it. */
  public synchronized void append(DownstreamBatch one) {
    entries.add(one);
    head = entries.size();
    if (current != null && current.confirmed) {
      current.deliver(one);
    }
  }

  /** Sends the whole log again from its beginning, as after a pause. */
  public synchronized void sendAgain() {
    if (current != null && current.confirmed) {
      entries.forEach(current::deliver);
    }
  }

  public synchronized void send(HubMessage message) {
    if (current != null) {
      current.send(message);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class Enrolment extends EnrolmentGrpc.EnrolmentImplBase {
    @Override
    public void join(JoinRequest request, StreamObserver<JoinResponse> response) {
      if (!refuseToken.isEmpty()) {
        response.onError(
            Status.PERMISSION_DENIED.withDescription(refuseToken).asRuntimeException());
        return;
      }
      try {
        response.onNext(
            JoinResponse.newBuilder()
                .setSpoke(SPOKE.name())
                .setHubName("hub")
                .setDirection("both")
                .setChannel("main")
                .setCertificate(sign(request.getCertificateRequest()))
                .setAuthority(ByteString.copyFrom(authority.getEncoded()))
                .build());
        response.onCompleted();
      } catch (Exception e) {
        response.onError(e);
      }
    }
  }

  private final class Link extends SpokeLinkGrpc.SpokeLinkImplBase {
    @Override
    public StreamObserver<AgentMessage> attach(StreamObserver<HubMessage> out) {
      return new Session(out);
    }
  }

  private final class Session implements StreamObserver<AgentMessage> {
    private final StreamObserver<HubMessage> out;
    private final FrameReader frames = new FrameReader(1 << 24);
    private final FrameWriter writer = new FrameWriter(1 << 16);
    private boolean confirmed;
    private boolean over;
    private long from;
    private long number;

    Session(StreamObserver<HubMessage> out) {
      this.out = out;
    }

    @Override
    public void onNext(AgentMessage message) {
      synchronized (FakeHub.this) {
        if (over) {
          return;
        }
        said.add(message);
        switch (message.getMessageCase()) {
          case HELLO -> welcome(message.getHello());
          case SESSION_CONFIRMED -> begin();
          case FRAME -> frame(message.getFrame());
          case APPLIED -> applied = Math.max(applied, message.getApplied().getPosition());
          case CERTIFICATE_REQUEST ->
              renew(message.getCertificateRequest().getCertificateRequest());
          default -> {}
        }
      }
    }

    private void welcome(Hello hello) {
      if (hello.getSession() < session) {
        broken.add("session " + hello.getSession() + " after " + session);
      }
      if (hello.hasCheckpointLog() && hello.getCheckpoint() < applied) {
        broken.add("checkpoint " + hello.getCheckpoint() + " after " + applied);
      }
      current = this;
      number = Math.max(session, hello.getSession()) + 1;
      from = hello.getCheckpoint();
      Welcome.Builder welcome =
          Welcome.newBuilder()
              .setProtocol(1)
              .setSession(number)
              .setSpoke(SPOKE.name())
              .setDirection("both")
              .setLog(IdCodec.toMessage(log, ChannelId.MAIN))
              .setEpoch(epoch)
              .setHead(head)
              .setState(state)
              .setFrameBytes(1 << 16)
              .setLastSourcePosition(lastSource)
              .setPlan(PlanScope.newBuilder().setVersion(1).addTables("*"));
      if (lastContext != null) {
        welcome.setLastContext(lastContext);
      }
      if (last != null) {
        welcome
            .setLastSequence(last.transaction().sequence().number())
            .setLastHash(IdCodec.toMessage(forked ? ChainHash.START : last.transaction().hash()));
      }
      send(HubMessage.newBuilder().setWelcome(welcome).build());
    }

    private void begin() {
      confirmed = true;
      session = number;
      for (DownstreamBatch one : entries) {
        if (one.getThrough() > from) {
          deliver(one);
        }
      }
    }

    private void frame(Frame frame) {
      frames.take(frame).ifPresent(this::batch);
    }

    private void batch(Bytes batch) {
      for (UpstreamCodec.Item item : codec.decodeBatch(batch)) {
        switch (item.record()) {
          case UpstreamRecord.Committed c -> committed(c);
          case UpstreamRecord.ContextMark m -> mark(m.position().token(), m.context());
          case UpstreamRecord.BarrierMark m -> mark(m.position().token(), m.context());
          case UpstreamRecord.SpillMark m -> broken.add("a spill mark was sent");
          case UpstreamRecord.Chunk c -> {}
          case UpstreamRecord.Shape s -> {}
        }
      }
      if (last != null && !silent) {
        send(
            HubMessage.newBuilder()
                .setAcknowledge(
                    Acknowledge.newBuilder()
                        .setSequence(last.transaction().sequence().number())
                        .setSourcePosition(lastSource))
                .build());
      }
    }

    private void mark(Bytes position, io.spokewire.common.clock.Context context) {
      lastSource = ByteString.copyFrom(position.toByteArray());
      lastContext = new io.spokewire.common.wire.ClockCodec(log, ChannelId.MAIN).toMessage(context);
    }

    private void committed(UpstreamRecord.Committed c) {
      long number = c.transaction().sequence().number();
      long expected = taken.size() + 1;
      if (number < expected) {
        duplicates++;
        if (!taken.get((int) number - 1).transaction().hash().equals(c.transaction().hash())) {
          broken.add("hash differs at " + number);
        }
        return;
      }
      if (number > expected) {
        broken.add("sequence " + number + " where " + expected + " was next");
        return;
      }
      last = c;
      taken.add(c);
      mark(c.transaction().sourcePosition().token(), c.transaction().context());
    }

    private void renew(ByteString request) {
      try {
        send(
            HubMessage.newBuilder()
                .setCertificate(
                    Certificate.newBuilder()
                        .setCertificate(sign(request))
                        .setAuthority(ByteString.copyFrom(authority.getEncoded())))
                .build());
      } catch (Exception e) {
        broken.add(e.toString());
      }
    }

    void deliver(DownstreamBatch one) {
      for (Frame frame : writer.write(Bytes.wrap(one.toByteArray()))) {
        send(HubMessage.newBuilder().setFrame(frame).build());
      }
    }

    void send(HubMessage message) {
      if (!over) {
        out.onNext(message);
      }
    }

    void end() {
      if (!over) {
        over = true;
        out.onError(Status.UNAVAILABLE.withDescription("cut by the test").asRuntimeException());
      }
    }

    @Override
    public void onError(Throwable error) {
      leave();
    }

    @Override
    public void onCompleted() {
      leave();
      try {
        out.onCompleted();
      } catch (IllegalStateException e) {
        // cut in the meantime
      }
    }

    private void leave() {
      synchronized (FakeHub.this) {
        over = true;
        if (current == this) {
          current = null;
        }
      }
    }
  }

  private ByteString sign(ByteString request) throws Exception {
    PublicKey key = new JcaPKCS10CertificationRequest(request.toByteArray()).getPublicKey();
    return ByteString.copyFrom(certificate("CN=lisbon", key, leafLife, false).getEncoded());
  }

  private static KeyPair keys() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return generator.generateKeyPair();
  }

  private X509Certificate certificate(
      String name, PublicKey key, Duration life, boolean isAuthority) throws Exception {
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name("CN=hub ca"),
            new BigInteger(64, new java.security.SecureRandom()),
            Date.from(now.minusMillis(life.toMillis() / 10)),
            Date.from(now.plus(life)),
            new X500Name(name),
            key);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKeys.getPrivate())));
  }

  private static InputStream pem(String kind, byte[]... ders) throws IOException {
    StringBuilder text = new StringBuilder();
    for (byte[] der : ders) {
      text.append("-----BEGIN ").append(kind).append("-----\n");
      text.append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
      text.append("\n-----END ").append(kind).append("-----\n");
    }
    return new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.US_ASCII));
  }
}
