package io.spokewire.agent.stream;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.spokewire.agent.identity.AgentIdentity;
import io.spokewire.agent.settings.HubAddress;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.lifecycle.WorkLoop;
import io.spokewire.common.wire.FrameReader;
import io.spokewire.common.wire.IdCodec;
import io.spokewire.common.wire.WireBytes;
import io.spokewire.common.wire.WireChecks;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.Certificate;
import io.spokewire.proto.Condition;
import io.spokewire.proto.Frame;
import io.spokewire.proto.HubMessage;
import io.spokewire.proto.SessionConfirmed;
import io.spokewire.proto.SpokeLinkGrpc;
import io.spokewire.proto.Welcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one session with the hub alive: connects, greets, checks the welcome, makes the session
 * number durable, confirms it, and hands what comes to its listener; when the session ends, tries
 * again after a growing, jittered pause.
 *
 * <p>A refusal for good ends the loop with the fault. Everything else is retried for as long as it
 * takes, logged once per distinct reason.
 *
 * <p>Threading: {@link #doWork} by one thread; {@link #state} and {@link #close} by any. The
 * listener is called by the connection's threads.
 */
public final class HubLink implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger(HubLink.class);
  private static final long FIRST_PAUSE = Duration.ofMillis(200).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofSeconds(10).toNanos();
  private static final long WELCOME_PATIENCE = Duration.ofSeconds(20).toNanos();
  private static final int MESSAGES_AHEAD = 8;

  /** Data in the socket's queue below which the connection says it takes more. */
  private static final int READY_THRESHOLD = 1 << 20;

  private final Peer peer;
  private final Supplier<AgentIdentity> identity;
  private final Greeting.Source greetings;
  private final SessionNumbers sessions;
  private final LinkListener listener;
  private final Dialing dialing;
  private final TimeSource time;
  private final RandomGenerator random;

  private @Nullable ManagedChannel channel;
  private @Nullable AgentIdentity dialledAs;
  private volatile boolean suspect; // a call over the channel failed: its connection may be dead
  private volatile @Nullable Call call;
  private volatile LinkState state;
  private volatile Runnable waker = () -> {};
  private long pause = FIRST_PAUSE;
  private String lastReason = "";

  /**
   * Who attaches where.
   *
   * @param agentVersion for the hub's log
   */
  public record Peer(SpokeId spoke, Direction direction, HubAddress hub, String agentVersion) {}

  /**
   * @param identity asked before each attempt, so that a renewed certificate is used by the next
   *     session
   */
  public HubLink(
      Peer peer,
      Supplier<AgentIdentity> identity,
      Greeting.Source greetings,
      SessionNumbers sessions,
      LinkListener listener,
      TimeSource time,
      RandomGenerator random) {
    this(peer, identity, greetings, sessions, listener, Dialing.TLS, time, random);
  }

  /** As above, with connections of another kind. */
  public HubLink(
      Peer peer,
      Supplier<AgentIdentity> identity,
      Greeting.Source greetings,
      SessionNumbers sessions,
      LinkListener listener,
      Dialing dialing,
      TimeSource time,
      RandomGenerator random) {
    this.peer = peer;
    this.identity = identity;
    this.greetings = greetings;
    this.sessions = sessions;
    this.listener = listener;
    this.dialing = dialing;
    this.time = time;
    this.random = random;
    this.state = new LinkState.Disconnected("not tried yet", time.nanos());
  }

  /** Called whenever the link's own loop should look again. Set once, before the loop starts. */
  public void onChange(Runnable wake) {
    this.waker = wake;
  }

  public LinkState state() {
    return state;
  }

  @Override
  public String name() {
    return "link";
  }

  @Override
  public int doWork() {
    return switch (state) {
      case LinkState.Disconnected d when time.nanos() - d.retryNanos() >= 0 -> connect();
      case LinkState.Disconnected d -> 0;
      case LinkState.Connecting c -> {
        Call current = call;
        if (current != null && time.nanos() - c.deadlineNanos() >= 0) {
          current.hangUp("no welcome from the hub");
        }
        yield 0;
      }
      case LinkState.Attached a -> 0;
      case LinkState.Paused p -> 0;
      case LinkState.Refused r -> throw r.fault();
    };
  }

  private int connect() {
    Optional<Greeting> greeting = greetings.greeting();
    if (greeting.isEmpty()) {
      return 0;
    }
    AgentIdentity self = identity.get();
    if (time.instant().isAfter(self.expiresAt())) {
      throw Fault.of(
              FaultKind.REFUSED,
              "attach to the hub",
              "this agent's certificate expired at " + self.expiresAt())
          .hint(
              "check this machine's clock; a certificate that ran out takes syncadm topology"
                  + " remove-spoke and add-spoke, and join into a new data directory")
          .build();
    }
    state = new LinkState.Connecting(time.nanos() + WELCOME_PATIENCE);
    Call next = new Call(greeting.get());
    call = next;
    next.start(channelAs(self));
    return 1;
  }

  private ManagedChannel channelAs(AgentIdentity self) {
    ManagedChannel current = channel;
    if (current != null && self.equals(dialledAs) && !suspect) {
      current.resetConnectBackoff();
      return current;
    }
    if (current != null) {
      current.shutdownNow(); // nothing is under way on it any more
    }
    suspect = false;
    ManagedChannel fresh = dialing.dial(peer.hub(), self);
    channel = fresh;
    dialledAs = self;
    return fresh;
  }

  // The call is over. Called once per call, by its thread.
  private void over(Call ended, Fault why) {
    if (call != ended) {
      return;
    }
    call = null;
    suspect = true;
    if (state instanceof LinkState.Refused) {
      waker.run();
      return;
    }
    if (!why.healsByItself()) {
      state = new LinkState.Refused(why);
    } else {
      long wait = (long) (pause * (0.5 + random.nextDouble() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
      state = new LinkState.Disconnected(why.reason(), time.nanos() + wait);
      if (!why.reason().equals(lastReason)) {
        lastReason = why.reason();
        LOG.warn("{}; trying again", why.getMessage());
      }
    }
    waker.run();
  }

  private void attached(HubSession session) {
    pause = FIRST_PAUSE;
    lastReason = "";
    show(session, session.reception().paused());
  }

  private void show(HubSession session, boolean paused) {
    state = paused ? new LinkState.Paused(session) : new LinkState.Attached(session);
    waker.run();
  }

  @Override
  public void close() {
    Call current = call;
    if (current != null) {
      current.leave();
    }
    ManagedChannel open = channel;
    if (open != null) {
      open.shutdown();
      try {
        if (!open.awaitTermination(2, TimeUnit.SECONDS)) {
          open.shutdownNow();
        }
      } catch (InterruptedException e) {
        open.shutdownNow();
        Thread.currentThread().interrupt();
      }
    }
  }

  /** One attempt, and the session that came of it. Callbacks come one at a time. */
  private final class Call implements ClientResponseObserver<AgentMessage, HubMessage> {
    private final Greeting greeting;
    private final FrameReader frames = new FrameReader(FrameReader.DEFAULT_LARGEST_BATCH);
    private volatile @Nullable ClientCallStreamObserver<AgentMessage> stream;
    private volatile @Nullable HubSession session;
    private @Nullable Fault reason;
    private boolean finished;
    private boolean saidGoodbye; // then the hub ends the call, after what we said last

    Call(Greeting greeting) {
      this.greeting = greeting;
    }

    void start(ManagedChannel over) {
      ClientCallStreamObserver<AgentMessage> out =
          (ClientCallStreamObserver<AgentMessage>)
              SpokeLinkGrpc.newStub(over).withOnReadyThreshold(READY_THRESHOLD).attach(this);
      out.onNext(
          AgentMessage.newBuilder()
              .setHello(Messages.toMessage(greeting, peer.agentVersion(), time))
              .build());
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<AgentMessage> requests) {
      stream = requests;
      requests.disableAutoRequestWithInitial(MESSAGES_AHEAD);
      requests.setOnReadyHandler(
          () -> {
            HubSession current = session;
            if (current != null) {
              listener.sendable(current);
            }
          });
    }

    @Override
    public void onNext(HubMessage message) {
      if (finished) {
        return;
      }
      boolean room = true;
      try {
        WireChecks.noUnknownFields(message);
        HubSession current = session;
        if (current == null) {
          begin(message);
        } else {
          room = take(current, message);
        }
      } catch (Fault fault) {
        fail(fault);
        return;
      } catch (RuntimeException e) {
        fail(
            Fault.of(FaultKind.INTERNAL, "take a message of the hub", String.valueOf(e))
                .causedBy(e));
        return;
      }
      HubSession current = session;
      ClientCallStreamObserver<AgentMessage> open = stream;
      if (current != null) {
        current.receiveNext(room);
      } else if (open != null) {
        open.request(1);
      }
    }

    private void begin(HubMessage message) {
      switch (message.getMessageCase()) {
        case REFUSAL -> throw Messages.fault(message.getRefusal());
        case WELCOME -> welcome(message.getWelcome());
        default ->
            throw WireChecks.malformed(
                "HubMessage", "welcome expected, and it is " + message.getMessageCase());
      }
    }

    private void welcome(Welcome welcome) {
      if (welcome.getProtocol() != Messages.PROTOCOL) {
        throw Fault.of(
                FaultKind.REFUSED,
                "attach to the hub",
                "it speaks protocol " + welcome.getProtocol() + ", not " + Messages.PROTOCOL)
            .hint("give hub and agent the same version")
            .build();
      }
      Reception reception = Messages.ofMessage(welcome);
      ClientCallStreamObserver<AgentMessage> out = stream;
      if (out == null) {
        throw new IllegalStateException("a message before the call began");
      }
      HubSession opened =
          new HubSession(out, reception, greeting.checkpoint().orElse(reception.start()), time);
      opened.hubClock(welcome.getClockMicros());
      Optional<Fault> misfit =
          WelcomeCheck.misfit(peer.spoke(), peer.direction(), greeting, reception);
      if (misfit.isPresent()) {
        // Said before leaving, so that the hub shows the spoke as in need of somebody.
        opened.condition("stream", misfit.get(), true);
        opened.complete();
        opened.ended();
        saidGoodbye = true;
        throw misfit.get();
      }
      sessions.keep(reception.session());
      opened.send(
          AgentMessage.newBuilder()
              .setSessionConfirmed(SessionConfirmed.newBuilder().setSession(reception.session()))
              .build());
      session = opened;
      listener.attached(opened);
      HubLink.this.attached(opened);
    }

    private boolean take(HubSession current, HubMessage message) {
      switch (message.getMessageCase()) {
        case ACKNOWLEDGE ->
            listener.acknowledged(
                current,
                IdCodec.sequence(message.getAcknowledge().getSequence(), "Acknowledge.sequence"),
                IdCodec.sourcePosition(
                    message.getAcknowledge().getSourcePosition(), "Acknowledge.source_position"));
        case FRAME -> {
          return frame(current, message.getFrame());
        }
        case HEARTBEAT -> current.hubClock(message.getHeartbeat().getClockMicros());
        case BARRIER ->
            listener.ordered(
                current,
                new HubOrder.MarkBarrier(
                    IdCodec.barrier(message.getBarrier().getBarrier(), "BarrierRequest.barrier")));
        case FLOW -> {
          FlowChange flow = Messages.ofMessage(message.getFlow());
          listener.flowChanged(current, flow);
          show(current, flow.paused());
        }
        case PLAN ->
            listener.ordered(current, new HubOrder.TakePlan(Messages.ofMessage(message.getPlan())));
        case PLAN_CHECK ->
            listener.ordered(
                current,
                new HubOrder.CheckPlan(
                    message.getPlanCheck().getId(),
                    Messages.ofMessage(message.getPlanCheck().getPlan())));
        case CERTIFICATE -> listener.ordered(current, certificate(message.getCertificate()));
        case REFUSAL -> throw Messages.fault(message.getRefusal());
        case WELCOME, MESSAGE_NOT_SET ->
            throw WireChecks.newerPeer("a message of kind " + message.getMessageCase());
      }
      return true;
    }

    private boolean frame(HubSession current, Frame frame) {
      Optional<Bytes> batch = frames.take(frame);
      return batch.isEmpty() || listener.delivered(current, Messages.delivery(batch.get()));
    }

    private static HubOrder certificate(Certificate message) {
      WireChecks.noUnknownFields(message);
      return new HubOrder.TakeCertificate(
          WireBytes.ofMessage(message.getCertificate()),
          WireBytes.ofMessage(message.getAuthority()));
    }

    private void fail(Fault fault) {
      reason = fault;
      HubSession current = session;
      if (current != null && !fault.healsByItself() && fault.kind() != FaultKind.REFUSED) {
        // What we can't read or must not go on with: the hub shows it.
        current.send(
            AgentMessage.newBuilder()
                .setCondition(
                    Condition.newBuilder()
                        .setStage("stream")
                        .setFault(fault.reason())
                        .setHint(fault.hint()))
                .build());
        current.complete();
        saidGoodbye = true;
      }
      if (!saidGoodbye) {
        hangUp("stopped by the agent");
      }
      finish(fault);
    }

    void hangUp(String why) {
      ClientCallStreamObserver<AgentMessage> open = stream;
      if (open != null) {
        open.cancel(why, null);
      }
    }

    // Orderly: what was handed to the connection before still goes out.
    void leave() {
      HubSession current = session;
      if (current != null) {
        current.complete();
      } else {
        hangUp("the agent stops");
      }
    }

    @Override
    public void onError(Throwable error) {
      finish(reason != null ? reason : EndOfCall.fault(peer.hub(), Status.fromThrowable(error)));
    }

    @Override
    public void onCompleted() {
      finish(
          reason != null
              ? reason
              : Fault.of(FaultKind.UNREACHABLE, "stay attached", "the hub ended the session")
                  .at(peer.hub())
                  .hint("is it restarting?")
                  .healsByItself()
                  .build());
    }

    private void finish(Fault why) {
      if (finished) {
        return;
      }
      finished = true;
      frames.close();
      HubSession current = session;
      if (current != null) {
        current.ended();
        listener.detached(current);
      }
      over(this, why);
    }
  }
}
