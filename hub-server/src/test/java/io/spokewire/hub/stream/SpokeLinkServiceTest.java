package io.spokewire.hub.stream;

import static io.spokewire.hub.testing.Samples.BEGINNING;
import static io.spokewire.hub.testing.Samples.INCARNATION;
import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.insert;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.config.ProtectedTables;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.common.wire.FrameReader;
import io.spokewire.common.wire.FrameWriter;
import io.spokewire.common.wire.UpstreamBatchWriter;
import io.spokewire.common.wire.UpstreamCodec;
import io.spokewire.hub.entry.DeliveryBatch;
import io.spokewire.hub.entry.SpokeDelivery;
import io.spokewire.hub.entry.WriterState;
import io.spokewire.hub.testing.Samples;
import io.spokewire.hub.topology.Spoke.Standing;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.Applied;
import io.spokewire.proto.DownstreamBatch;
import io.spokewire.proto.Frame;
import io.spokewire.proto.HubMessage;
import io.spokewire.proto.SessionConfirmed;
import io.spokewire.proto.SpokeLinkGrpc;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A session over a real connection; only TLS is left out, and the peer is set by hand. */
class SpokeLinkServiceTest {
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<HubMessage> received = new LinkedBlockingQueue<>();
  private final SchemaBook schemas = new SchemaBook();
  private Server server;
  private ManagedChannel channel;
  private StreamObserver<AgentMessage> agent;

  @BeforeEach
  void start() throws Exception {
    Intake intake =
        new Intake() {
          @Override
          public void take(Request request) {
            requests.add(request);
          }

          @Override
          public void ready(Session session) {}
        };
    SpokeLinkService service =
        new SpokeLinkService(
            BEGINNING,
            intake,
            schemas,
            new SpokeBoard(),
            (spoke, request) -> new CertificateRenewal.Renewed(request, request),
            TimeSource.SYSTEM,
            StreamSettings.DEFAULT);
    server =
        NettyServerBuilder.forPort(0).addService(service).intercept(new AsLisbon()).build().start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    agent =
        SpokeLinkGrpc.newStub(channel)
            .attach(
                new StreamObserver<>() {
                  @Override
                  public void onNext(HubMessage message) {
                    received.add(message);
                  }

                  @Override
                  public void onError(Throwable t) {}

                  @Override
                  public void onCompleted() {}
                });
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void aHandshakeOpensTheSessionAndDataFlowsBothWays() throws Exception {
    Session session = open();

    sendBatch(insert(1, "new"));
    Request.Upstream upstream = (Request.Upstream) request();
    assertThat(upstream.records()).hasSize(2);
    assertThat(((UpstreamRecord.Committed) upstream.records().get(1)).transaction().rows())
        .isEqualTo(insert(1, "new"));

    session.deliver(
        new DeliveryBatch(
            List.of(Samples.ORDERS),
            List.of(
                new SpokeDelivery(
                    7,
                    Samples.transaction(LISBON, 1, insert(1, "x")),
                    insert(1, "x"),
                    0,
                    false,
                    null)),
            9,
            1));
    HubMessage message = received.poll(10, TimeUnit.SECONDS);
    try (FrameReader reader = new FrameReader(1 << 20)) {
      Bytes raw = reader.take(message.getFrame()).orElseThrow();
      DownstreamBatch batch = DownstreamBatch.parseFrom(raw.toByteArray());
      assertThat(batch.getThrough()).isEqualTo(9);
      assertThat(batch.getEntries(0).getPosition()).isEqualTo(7);
    }
    agent.onNext(AgentMessage.newBuilder().setApplied(Applied.newBuilder().setPosition(9)).build());
    assertThat(((Request.Applied) request()).position()).isEqualTo(9);
  }

  @Test
  void aGarbledFrameEndsTheSessionWithARefusal() throws Exception {
    open();
    agent.onNext(
        AgentMessage.newBuilder()
            .setFrame(Frame.newBuilder().setPayload(ByteString.copyFromUtf8("junk")))
            .build());
    refusedAs(Refusal.MALFORMED);
  }

  @Test
  void rowsThatAreNotWholeEndTheSession() throws Exception {
    open();
    sendBatch(
        new RowBlock(insert(1, "x").bytes().slice(0, insert(1, "x").bytes().length() - 1), 1));
    refusedAs(Refusal.MALFORMED);
  }

  @Test
  void appliedBeyondWhatWasSentEndsTheSession() throws Exception {
    open();
    agent.onNext(AgentMessage.newBuilder().setApplied(Applied.newBuilder().setPosition(5)).build());
    refusedAs(Refusal.MALFORMED);
  }

  @Test
  void dataBeforeTheHandshakeEndsTheSession() throws Exception {
    agent.onNext(AgentMessage.newBuilder().setFrame(Frame.getDefaultInstance()).build());
    refusedAs(Refusal.MALFORMED);
  }

  private Session open() throws InterruptedException {
    agent.onNext(
        AgentMessage.newBuilder()
            .setHello(io.spokewire.proto.Hello.newBuilder().setProtocolMin(1).setProtocolMax(1))
            .build());
    Session session = request().session();
    assertThat(session.spoke()).isEqualTo(LISBON);
    session.welcome(
        new Welcome(
            1,
            1,
            Direction.BOTH,
            new WriterState(
                Samples.writer(LISBON),
                Sequence.NONE,
                ChainHash.START,
                SourcePosition.NONE,
                io.spokewire.common.clock.Context.through(BEGINNING),
                HybridTime.ZERO),
            BEGINNING,
            new FlowState(false, Standing.LIVE, "", 0, 0),
            new PlanScope(1, List.of("orders"), 1, ProtectedTables.NONE, AgreedTypes.NONE),
            0,
            Sequence.NONE));
    assertThat(received.poll(10, TimeUnit.SECONDS).getWelcome().getSession()).isEqualTo(1);
    agent.onNext(
        AgentMessage.newBuilder()
            .setSessionConfirmed(SessionConfirmed.newBuilder().setSession(1))
            .build());
    assertThat(request()).isInstanceOf(Request.Confirm.class);
    return session;
  }

  private void sendBatch(RowBlock rows) {
    UpstreamCodec codec = new UpstreamCodec(LISBON, INCARNATION, ChannelId.MAIN);
    UpstreamBatchWriter batch = new UpstreamBatchWriter();
    batch.add(codec.encode(Epoch.FIRST, new UpstreamRecord.Shape(Samples.ORDERS)));
    batch.add(
        codec.encode(
            Epoch.FIRST, new UpstreamRecord.Committed(Samples.transaction(LISBON, 1, rows))));
    try (FrameWriter frames = new FrameWriter(1 << 20)) {
      for (Frame frame : frames.write(batch.batch())) {
        agent.onNext(AgentMessage.newBuilder().setFrame(frame).build());
      }
    }
  }

  private Request request() throws InterruptedException {
    return requests.poll(10, TimeUnit.SECONDS);
  }

  private void refusedAs(String code) throws InterruptedException {
    HubMessage last = received.poll(10, TimeUnit.SECONDS);
    assertThat(last.getRefusal().getCode()).isEqualTo(code);
    assertThat(request()).isInstanceOf(Request.Detach.class);
  }

  private static final class AsLisbon implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      SpokeId spoke = LISBON;
      Context context = Context.current().withValue(Peer.PEER, new Peer(spoke));
      return Contexts.interceptCall(context, call, headers, next);
    }
  }
}
