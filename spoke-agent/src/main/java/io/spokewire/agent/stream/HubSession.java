package io.spokewire.agent.stream;

import io.grpc.stub.ClientCallStreamObserver;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.TableName;
import io.spokewire.common.wire.FrameWriter;
import io.spokewire.common.wire.WireBytes;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.Applied;
import io.spokewire.proto.CertificateRequest;
import io.spokewire.proto.Condition;
import io.spokewire.proto.Frame;
import io.spokewire.proto.Heartbeat;
import io.spokewire.proto.PlanCheckResult;
import io.spokewire.proto.RowRefused;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One session with the hub, from its welcome to its end: the sending side. Everything sent after
 * the end is dropped as a whole with the session; nothing of it was acknowledged, so it is sent
 * again in the next one.
 *
 * <p>Threading: {@link #offer} and {@link #flush} by one thread; the rest by any.
 */
public final class HubSession {
  private static final long NANOS_PER_MICRO = 1_000;

  private final ClientCallStreamObserver<AgentMessage> stream;
  private final Reception reception;
  private final Position base;
  private final TimeSource time;
  private final AtomicInteger withheld = new AtomicInteger();
  private final Object frames = new Object();
  private final Deque<Frame> waiting = new ArrayDeque<>(); // guarded by frames
  private final FrameWriter writer; // guarded by frames
  private volatile boolean open = true;
  private volatile @Nullable HubTime hubTime;

  HubSession(
      ClientCallStreamObserver<AgentMessage> stream,
      Reception reception,
      Position base,
      TimeSource time) {
    this.stream = stream;
    this.reception = reception;
    this.base = base;
    this.time = time;
    this.writer = new FrameWriter(reception.frameBytes());
  }

  /** What the hub said at the beginning. */
  public Reception reception() {
    return reception;
  }

  /** The hub sends what comes after this position: our checkpoint, or where it lets us begin. */
  public Position base() {
    return base;
  }

  public boolean isOpen() {
    return open;
  }

  /**
   * Sends a batch, as far as the connection takes it now.
   *
   * @param batch an encoded upstream batch; not kept
   * @return false, and nothing was taken, if an earlier batch is not gone yet or the session is
   *     over
   */
  public boolean offer(Bytes batch) {
    synchronized (frames) {
      if (!open || !flush() || !stream.isReady()) {
        return false;
      }
      waiting.addAll(writer.write(batch));
      flush();
      return true;
    }
  }

  /** Sends what is left of the last batch; true once nothing is. */
  public boolean flush() {
    synchronized (frames) {
      while (open && !waiting.isEmpty() && stream.isReady()) {
        send(AgentMessage.newBuilder().setFrame(waiting.remove()).build());
      }
      return waiting.isEmpty();
    }
  }

  /** Everything up to here is durable in this database. */
  public void applied(long position, long parked, long rows, long kept) {
    send(
        AgentMessage.newBuilder()
            .setApplied(
                Applied.newBuilder()
                    .setPosition(position)
                    .setParked(parked)
                    .setRows(rows)
                    .setKept(kept))
            .build());
  }

  /** This row breaks a constraint of the database and is set aside there. */
  public void refused(TableName table, RowKey key, long position, String error) {
    send(
        AgentMessage.newBuilder()
            .setRowRefused(
                RowRefused.newBuilder()
                    .setTable(table.name())
                    .setKey(WireBytes.toMessage(key.bytes()))
                    .setPosition(position)
                    .setError(error))
            .build());
  }

  public void heartbeat(Vitals vitals) {
    send(
        AgentMessage.newBuilder()
            .setHeartbeat(
                Heartbeat.newBuilder()
                    .setClockMicros(time.epochMicros())
                    .setEchoMicros(hubMicros())
                    .setOutboxPending(vitals.outboxPending())
                    .setCapturedMicros(vitals.capturedMicros())
                    .setRetainedLogBytes(vitals.retainedLogBytes()))
            .build());
  }

  public void report(TableReport report) {
    send(AgentMessage.newBuilder().setTables(Messages.toMessage(report)).build());
  }

  public void answer(long planCheck, TableReport report) {
    send(
        AgentMessage.newBuilder()
            .setPlanCheck(
                PlanCheckResult.newBuilder().setId(planCheck).setReport(Messages.toMessage(report)))
            .build());
  }

  /** Asks for a new certificate; the answer comes as an order. */
  public void requestCertificate(Bytes request) {
    send(
        AgentMessage.newBuilder()
            .setCertificateRequest(
                CertificateRequest.newBuilder()
                    .setCertificateRequest(
                        com.google.protobuf.ByteString.copyFrom(request.toByteArray())))
            .build());
  }

  /** Says what is wrong at a stage. */
  public void condition(String stage, Fault fault, boolean needsResync) {
    send(
        AgentMessage.newBuilder()
            .setCondition(
                Condition.newBuilder()
                    .setStage(stage)
                    .setFault(fault.operation() + ": " + fault.reason())
                    .setHint(fault.hint())
                    .setHeals(fault.healsByItself())
                    .setNeedsResync(needsResync))
            .build());
  }

  /** Says that a stage is well again. */
  public void allWell(String stage) {
    send(AgentMessage.newBuilder().setCondition(Condition.newBuilder().setStage(stage)).build());
  }

  /** There is room for batches again. */
  public void receiveMore() {
    int owed = withheld.getAndSet(0);
    if (owed > 0 && open) {
      stream.request(owed);
    }
  }

  void receiveNext(boolean room) {
    if (room) {
      stream.request(1);
    } else {
      withheld.incrementAndGet();
    }
  }

  void hubClock(long micros) {
    hubTime = new HubTime(micros, time.nanos());
  }

  /**
   * What the hub's clock would have said when it sent what is arriving now: our waiting since its
   * last word must not look like a slow network. 0 if it has not said anything yet.
   */
  private long hubMicros() {
    HubTime said = hubTime;
    return said == null ? 0 : said.micros + (time.nanos() - said.nanos) / NANOS_PER_MICRO;
  }

  private record HubTime(long micros, long nanos) {}

  void send(AgentMessage message) {
    synchronized (stream) {
      if (open) {
        try {
          stream.onNext(message);
        } catch (IllegalStateException e) {
          open = false; // the call ended a moment ago; its end is being reported
        }
      }
    }
  }

  /** Ends the session from our side; the link begins another, after the checkpoint. Any thread. */
  public void abandon(String why) {
    synchronized (stream) {
      if (open) {
        open = false;
        stream.cancel(why, null);
      }
    }
  }

  /** Says goodbye in order: what was sent before still arrives. */
  void complete() {
    synchronized (stream) {
      if (open) {
        open = false;
        stream.onCompleted();
      }
    }
  }

  void ended() {
    open = false;
    synchronized (frames) {
      waiting.clear();
      writer.close();
    }
  }

  @Override
  public String toString() {
    return "session " + reception.session();
  }
}
