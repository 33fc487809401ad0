package io.spokewire.hub.stream;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.Position;
import io.spokewire.common.lifecycle.WorkLoop;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.HubMessage;
import io.spokewire.proto.SpokeLinkGrpc;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The gRPC service that agents attach to. Who an agent is comes from its certificate ({@link
 * Peer#PEER}), never from a message. Safe from any thread.
 */
public final class SpokeLinkService extends SpokeLinkGrpc.SpokeLinkImplBase {
  private final GrpcSession.Parts parts;
  private final List<GrpcSession> sessions = new CopyOnWriteArrayList<>();

  /**
   * @param log any position of the log that is served
   * @param schemas every shape that is durable at the hub; the sequencer adds to it
   */
  public SpokeLinkService(
      Position log,
      Intake intake,
      SchemaBook schemas,
      SpokeBoard board,
      CertificateRenewal renewal,
      TimeSource time,
      StreamSettings settings) {
    this.parts =
        new GrpcSession.Parts(
            log,
            intake,
            schemas,
            board,
            renewal,
            time,
            settings,
            new MessageCodec(log, settings.frameBytes()));
  }

  @Override
  public StreamObserver<AgentMessage> attach(StreamObserver<HubMessage> responses) {
    ServerCallStreamObserver<HubMessage> out = (ServerCallStreamObserver<HubMessage>) responses;
    Peer peer = Peer.PEER.get();
    if (peer == null) {
      out.onError(
          Status.UNAUTHENTICATED
              .withDescription("no client certificate: join with a token first")
              .asRuntimeException());
      return new Ignored();
    }
    GrpcSession session = new GrpcSession(peer.spoke(), parts, out);
    sessions.add(session);
    out.disableAutoRequest();
    out.setOnReadyHandler(() -> parts.intake().ready(session));
    out.setOnCancelHandler(session::end);
    out.request(1);
    return session;
  }

  /** The loop that sends heartbeats and ends silent sessions; run it about once a second. */
  public WorkLoop watch() {
    return new WorkLoop() {
      @Override
      public String name() {
        return "session-watch";
      }

      @Override
      public int doWork() {
        sessions.removeIf(GrpcSession::hasEnded);
        sessions.forEach(GrpcSession::watch);
        return 0;
      }

      @Override
      public void close() {
        sessions.forEach(s -> s.refuse(Refusal.passing(Refusal.STOPPING, "the hub stops")));
      }
    };
  }

  private static final class Ignored implements StreamObserver<AgentMessage> {
    @Override
    public void onNext(AgentMessage message) {}

    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {}
  }
}
