package io.spokewire.hub.stream;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.wire.FrameReader;
import io.spokewire.common.wire.FrameWriter;
import io.spokewire.common.wire.IdCodec;
import io.spokewire.common.wire.UpstreamCodec;
import io.spokewire.common.wire.WireBytes;
import io.spokewire.common.wire.WireChecks;
import io.spokewire.hub.entry.DeliveryBatch;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.Certificate;
import io.spokewire.proto.Condition;
import io.spokewire.proto.Frame;
import io.spokewire.proto.Heartbeat;
import io.spokewire.proto.HubMessage;
import io.spokewire.proto.RowRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent's stream. Messages come on the call's thread, one at a time; what the hub sends comes
 * from several threads and is put in order by a lock.
 *
 * <p>Whatever an agent sends, only its own session suffers: a message that can't be read, or that
 * has no place here, ends the session with a {@link Refusal}.
 */
final class GrpcSession implements Session, StreamObserver<AgentMessage> {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcSession.class);

  private final SpokeId spoke;
  private final Parts parts;
  private final ServerCallStreamObserver<HubMessage> out;
  private final UpstreamCodec upstream;
  private final RowCheck rowCheck;

  // Of the call's thread, but closed by whoever ends the session: under its own lock.
  private final FrameReader frames;

  // Of the call's thread.
  private Stage stage = Stage.GREETING;
  private long lastApplied;
  private final ClockEstimate clockEstimate = new ClockEstimate();

  // Of the delivering thread, but closed by whoever ends the session: under its own lock.
  private final FrameWriter frameWriter;

  // Shared.
  private final Object sending = new Object();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicBoolean stalled = new AtomicBoolean();
  private volatile boolean welcomed;
  private volatile int epoch;
  private volatile long sentThrough;
  private volatile long lastHeardNanos;
  private volatile long peerClockMicros;
  private long lastBeatNanos; // of the watch's thread

  GrpcSession(SpokeId spoke, Parts parts, ServerCallStreamObserver<HubMessage> out) {
    this.spoke = spoke;
    this.parts = parts;
    this.out = out;
    this.upstream = new UpstreamCodec(spoke, parts.log().incarnation(), parts.log().channel());
    this.rowCheck = new RowCheck(parts.schemas());
    this.frames = new FrameReader(parts.settings().largestBatch());
    this.frameWriter = new FrameWriter(parts.settings().frameBytes());
    this.lastHeardNanos = parts.time().nanos();
    this.lastBeatNanos = lastHeardNanos;
  }

  /**
   * What every session shares.
   *
   * @param log any position of the log
   */
  record Parts(
      Position log,
      Intake intake,
      SchemaBook schemas,
      SpokeBoard board,
      CertificateRenewal renewal,
      TimeSource time,
      StreamSettings settings,
      MessageCodec codec) {}

  private enum Stage {
    /** Nothing was said. */
    GREETING,
    /** Hello is in; SessionConfirmed is to come. */
    CONFIRMING,
    OPEN
  }

  // ---- from the agent, on the call's thread

  @Override
  public void onNext(AgentMessage message) {
    lastHeardNanos = parts.time().nanos();
    if (ended.get()) {
      return;
    }
    try {
      WireChecks.noUnknownFields(message);
      handle(message);
    } catch (Fault fault) {
      refuse(new Refusal(Refusal.MALFORMED, fault.reason(), fault.hint(), fault.healsByItself()));
    } catch (MalformedBytesException | IllegalArgumentException e) {
      refuse(Refusal.of(Refusal.MALFORMED, String.valueOf(e.getMessage()), ""));
    } catch (RuntimeException e) {
      LOG.error("session of {}: unexpected failure", spoke, e);
      refuse(Refusal.of(Refusal.MALFORMED, "the hub can't handle a message: " + e, ""));
    } finally {
      readOn();
    }
  }

  @Override
  public void onError(Throwable t) {
    LOG.debug("session of {}: broken", spoke, t);
    end();
  }

  @Override
  public void onCompleted() {
    end();
    complete();
  }

  private void handle(AgentMessage message) {
    switch (message.getMessageCase()) {
      case HELLO -> {
        expect(Stage.GREETING, "Hello");
        Hello hello = MessageCodec.hello(message.getHello());
        stage = Stage.CONFIRMING;
        Position checkpoint = hello.checkpoint();
        lastApplied = checkpoint == null ? 0 : checkpoint.number();
        sentThrough = lastApplied;
        peerClockMicros = hello.clockMicros();
        parts.intake().take(new Request.Attach(this, hello));
      }
      case SESSION_CONFIRMED -> {
        expect(Stage.CONFIRMING, "SessionConfirmed");
        if (!welcomed) {
          throw outOfPlace("SessionConfirmed before Welcome");
        }
        stage = Stage.OPEN;
        long number = message.getSessionConfirmed().getSession();
        parts.intake().take(new Request.Confirm(this, number));
      }
      case FRAME -> {
        expect(Stage.OPEN, "Frame");
        frame(message.getFrame());
      }
      case APPLIED -> {
        expect(Stage.OPEN, "Applied");
        applied(message.getApplied());
      }
      case HEARTBEAT -> heartbeat(message.getHeartbeat());
      case TABLES -> {
        expect(Stage.OPEN, "TableReport");
        parts.intake().take(new Request.Tables(this, MessageCodec.tables(message.getTables())));
      }
      case PLAN_CHECK -> {
        expect(Stage.OPEN, "PlanCheckResult");
        parts
            .intake()
            .take(
                new Request.PlanChecked(
                    this,
                    message.getPlanCheck().getId(),
                    MessageCodec.tables(message.getPlanCheck().getReport())));
      }
      case CERTIFICATE_REQUEST -> {
        expect(Stage.OPEN, "CertificateRequest");
        renew(WireBytes.ofMessage(message.getCertificateRequest().getCertificateRequest()));
      }
      case CONDITION -> condition(message.getCondition());
      case ROW_REFUSED -> {
        expect(Stage.OPEN, "RowRefused");
        rowRefused(message.getRowRefused());
      }
      case MESSAGE_NOT_SET -> throw WireChecks.absent("AgentMessage.message");
    }
  }

  private void frame(Frame frame) {
    Optional<Bytes> batch;
    synchronized (frames) {
      if (ended.get()) {
        return; // the reader is closed
      }
      batch = frames.take(frame);
    }
    if (batch.isEmpty()) {
      return;
    }
    List<UpstreamCodec.Item> items = upstream.decodeBatch(batch.get());
    List<UpstreamRecord> records = new ArrayList<>(items.size());
    for (UpstreamCodec.Item item : items) {
      if (item.epoch().number() != epoch) {
        refuse(
            Refusal.of(
                Refusal.FENCED, "data of epoch " + item.epoch() + ", it is " + epoch + " now", ""));
        return;
      }
      check(item.record());
      records.add(item.record());
    }
    int bytes = batch.get().length();
    waitingBytes.addAndGet(bytes);
    parts.intake().take(new Request.Upstream(this, records, bytes));
  }

  private void check(UpstreamRecord received) {
    switch (received) {
      case UpstreamRecord.Shape r -> rowCheck.announce(r.schema());
      case UpstreamRecord.Committed r -> rowCheck.check(r.transaction().rows());
      case UpstreamRecord.Chunk r -> rowCheck.check(r.chunk().rows());
      case UpstreamRecord.ContextMark r -> {}
      case UpstreamRecord.BarrierMark r -> {}
      case UpstreamRecord.SpillMark r -> throw outOfPlace("SpillMark in a batch");
    }
  }

  private void applied(io.spokewire.proto.Applied m) {
    long position = IdCodec.number(m.getPosition(), "Applied.position");
    if (position > sentThrough) {
      throw outOfPlace("Applied " + position + " when " + sentThrough + " is the last sent");
    }
    if (position < lastApplied) {
      throw outOfPlace("Applied " + position + " after " + lastApplied);
    }
    lastApplied = position;
    parts
        .intake()
        .take(new Request.Applied(this, position, m.getParked(), m.getRows(), m.getKept()));
  }

  private void heartbeat(Heartbeat m) {
    long now = parts.time().epochMicros();
    peerClockMicros = m.getClockMicros();
    long offset = clockEstimate.offsetMicros(m.getClockMicros(), now);
    parts
        .board()
        .update(spoke, r -> r.withOutbox(m.getOutboxPending(), m.getRetainedLogBytes(), offset));
  }

  private void rowRefused(RowRefused m) {
    if (m.getKey().isEmpty()) {
      throw outOfPlace("RowRefused without a key");
    }
    parts
        .intake()
        .take(
            new Request.RowRefused(
                this,
                new TableName(m.getTable()),
                new RowKey(WireBytes.ofMessage(m.getKey())),
                m.getPosition(),
                m.getError()));
  }

  private void condition(Condition m) {
    String fault = m.getFault().isEmpty() ? "" : m.getStage() + ": " + m.getFault();
    parts.board().update(spoke, r -> r.withFault(fault, m.getHint()));
    parts.intake().take(new Request.Condition(this, m.getStage(), m.getFault()));
    if (m.getNeedsResync()) {
      parts.intake().take(new Request.LogLost(this, m.getFault()));
    }
  }

  private void renew(Bytes request) {
    CertificateRenewal.Renewed renewed = parts.renewal().renew(spoke, request);
    send(
        HubMessage.newBuilder()
            .setCertificate(
                Certificate.newBuilder()
                    .setCertificate(WireBytes.toMessage(renewed.certificate()))
                    .setAuthority(WireBytes.toMessage(renewed.authority())))
            .build());
  }

  private void expect(Stage expected, String what) {
    if (stage != expected) {
      throw outOfPlace(what + " has no place here");
    }
  }

  private static MalformedBytesException outOfPlace(String what) {
    return new MalformedBytesException(what);
  }

  /** Asks for the next message, unless too much of this agent's data waits. */
  private void readOn() {
    if (waitingBytes.get() < parts.settings().upstreamBytes()) {
      out.request(1);
      return;
    }
    stalled.set(true);
    if (waitingBytes.get() < parts.settings().upstreamBytes()) {
      unstall(); // consumed in between
    }
  }

  private void unstall() {
    if (stalled.compareAndSet(true, false)) {
      lastHeardNanos = parts.time().nanos(); // it could not be heard meanwhile
      out.request(1);
    }
  }

  // ---- to the agent, from any thread

  @Override
  public SpokeId spoke() {
    return spoke;
  }

  @Override
  public void welcome(Welcome welcome) {
    epoch = welcome.writer().writer().epoch().number();
    sentThrough = Math.max(sentThrough, welcome.start());
    welcomed = true;
    send(parts.codec().welcome(welcome, parts.time().epochMicros()));
  }

  @Override
  public void acknowledge(Sequence sequence, SourcePosition sourcePosition) {
    send(MessageCodec.acknowledge(sequence, sourcePosition));
  }

  @Override
  public boolean isReady() {
    return !ended.get() && out.isReady();
  }

  @Override
  public void deliver(DeliveryBatch batch) {
    sentThrough = Math.max(sentThrough, batch.through());
    List<Frame> pieces;
    synchronized (frameWriter) {
      if (ended.get()) {
        return; // the writer is closed
      }
      pieces = frameWriter.write(MessageCodec.batch(batch));
    }
    for (Frame piece : pieces) {
      send(HubMessage.newBuilder().setFrame(piece).build());
    }
  }

  @Override
  public void flow(FlowState state) {
    sentThrough = Math.max(sentThrough, state.resumeAfterPosition());
    send(MessageCodec.flow(state));
  }

  @Override
  public void plan(PlanScope scope) {
    send(MessageCodec.planMessage(scope));
  }

  @Override
  public void checkPlan(long id, PlanScope scope) {
    send(MessageCodec.planCheck(id, scope));
  }

  @Override
  public void askBarrier(BarrierId barrier) {
    send(MessageCodec.barrier(barrier));
  }

  @Override
  public void consumed(int bytes) {
    if (waitingBytes.addAndGet(-bytes) < parts.settings().upstreamBytes()) {
      unstall();
    }
  }

  @Override
  public void refuse(Refusal refusal) {
    if (ended.get()) {
      return;
    }
    LOG.warn("session of {} refused: {}: {}", spoke, refusal.code(), refusal.reason());
    send(MessageCodec.refusal(refusal));
    end();
    complete();
  }

  /** The connection is gone, or was never wanted. Safe from any thread; works once. */
  void end() {
    if (ended.compareAndSet(false, true)) {
      synchronized (frames) {
        frames.close();
      }
      synchronized (frameWriter) {
        frameWriter.close();
      }
      parts.intake().take(new Request.Detach(this));
    }
  }

  /** Says that we live, and ends a session whose agent said nothing for too long. */
  void watch() {
    long now = parts.time().nanos();
    if (!stalled.get() && now - lastHeardNanos > parts.settings().silence().toNanos()) {
      refuse(Refusal.passing(Refusal.SILENT, "nothing was heard of the agent"));
      return;
    }
    if (welcomed && now - lastBeatNanos >= parts.settings().heartbeat().toNanos()) {
      lastBeatNanos = now;
      send(
          HubMessage.newBuilder()
              .setHeartbeat(
                  Heartbeat.newBuilder()
                      .setClockMicros(parts.time().epochMicros())
                      .setEchoMicros(peerClockMicros))
              .build());
    }
  }

  boolean hasEnded() {
    return ended.get();
  }

  private void send(HubMessage message) {
    synchronized (sending) {
      if (ended.get()) {
        return;
      }
      try {
        out.onNext(message);
      } catch (StatusRuntimeException | IllegalStateException e) {
        LOG.debug("session of {}: can't send", spoke, e);
      }
    }
  }

  private void complete() {
    synchronized (sending) {
      try {
        out.onCompleted();
      } catch (StatusRuntimeException | IllegalStateException e) {
        LOG.debug("session of {}: already closed", spoke, e);
      }
    }
  }
}
