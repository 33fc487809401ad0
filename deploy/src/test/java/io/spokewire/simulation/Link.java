package io.spokewire.simulation;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.spokewire.common.id.SpokeId;
import io.spokewire.proto.AgentMessage;
import io.spokewire.proto.HubMessage;

/** One call of an agent to the hub: both ends, and what is under way between them. */
final class Link extends ClientCall<AgentMessage, HubMessage> {
  private static final long HALF_OPEN_MICROS = 25_000_000;

  private final World world;
  private final SimulatedAgent agent;
  private final SpokeId spoke;
  private final HalfStream<AgentMessage> toHub;
  private final HalfStream<HubMessage> toAgent;
  private SimulatedHub hub; // null until it took the call
  private Listener<HubMessage> listener;
  private StreamObserver<AgentMessage> atHub;
  private HubEnd hubEnd;
  private boolean overAtAgent;
  private boolean overAtHub;

  Link(World world, SimulatedAgent agent, SpokeId spoke) {
    this.world = world;
    this.agent = agent;
    this.spoke = spoke;
    this.toHub = new HalfStream<>(world, AgentMessage::getSerializedSize, this::arriveAtHub);
    this.toAgent = new HalfStream<>(world, HubMessage::getSerializedSize, this::arriveAtAgent);
  }

  SimulatedAgent agent() {
    return agent;
  }

  boolean isOf(Process process) {
    return process == agent || process == hub;
  }

  boolean isOver() {
    return overAtAgent && overAtHub;
  }

  // ---- the agent's end

  @Override
  public void start(Listener<HubMessage> responses, Metadata headers) {
    listener = responses;
    toHub.onReady(() -> agent.enter(responses::onReady));
    world.network.opened(this);
    world.schedule.after(world.network.latency(), this::reachHub);
  }

  private void reachHub() {
    SimulatedHub now = world.hub();
    if (now == null || !now.isAlive() || !world.network.isReachable(spoke)) {
      endAtAgent(Status.UNAVAILABLE.withDescription("nobody is there"));
      overAtHub = true;
      return;
    }
    hub = now;
    hubEnd = new HubEnd();
    toAgent.onReady(() -> now.enter(() -> hubEnd.ready()));
    now.enter(() -> atHub = now.attach(spoke, hubEnd));
  }

  @Override
  public void request(int messages) {
    toAgent.request(messages);
  }

  @Override
  public void sendMessage(AgentMessage message) {
    agent.kill.point();
    toHub.send(message);
  }

  @Override
  public void halfClose() {
    toHub.end(
        () -> {
          overAtHub = true;
          if (hub != null) {
            hub.enter(() -> atHub.onCompleted());
          }
        });
  }

  @Override
  public void cancel(String message, Throwable cause) {
    world.schedule.after(0, () -> endAtAgent(Status.CANCELLED.withDescription(message)));
    world.schedule.after(world.network.latency(), this::endAtHub);
  }

  @Override
  public boolean isReady() {
    return toHub.isReady();
  }

  private void arriveAtAgent(HubMessage message) {
    agent.enter(() -> listener.onMessage(message));
    agent.wakeAll();
  }

  private void endAtAgent(Status status) {
    if (!overAtAgent) {
      overAtAgent = true;
      toAgent.breakOff();
      if (agent.isAlive()) {
        agent.enter(() -> listener.onClose(status, new Metadata()));
      } else {
        listener.onClose(status, new Metadata()); // frees what the dead process held
      }
    }
  }

  // ---- the hub's end

  private void arriveAtHub(AgentMessage message) {
    if (hub != null) {
      hub.enter(() -> atHub.onNext(message));
    }
  }

  private void endAtHub() {
    if (!overAtHub) {
      overAtHub = true;
      toHub.breakOff();
      if (hubEnd == null) {
        return;
      }
      if (hub.isAlive()) {
        hub.enter(hubEnd::cancelled);
      } else {
        hubEnd.cancelled();
      }
    }
  }

  /** Both ends, whoever is alive: nobody goes on after this. */
  void free() {
    if (!overAtAgent) {
      overAtAgent = true;
      listener.onClose(Status.CANCELLED, new Metadata());
    }
    if (!overAtHub && hubEnd != null) {
      overAtHub = true;
      hubEnd.cancelled();
    }
  }

  // ---- what befalls it

  /** The connection is lost, with all that is under way; one side may learn of it late. */
  void cut(boolean halfOpen) {
    toHub.breakOff();
    toAgent.breakOff();
    boolean agentFirst = world.random.nextBoolean();
    long late = halfOpen ? world.random.nextLong(HALF_OPEN_MICROS) : world.random.nextLong(5_000);
    long soon = world.random.nextLong(5_000);
    world.schedule.after(
        agentFirst ? soon : late,
        () -> endAtAgent(Status.UNAVAILABLE.withDescription("connection reset")));
    world.schedule.after(agentFirst ? late : soon, this::endAtHub);
  }

  /** Nothing gets through in these directions for a while; then the keep-alive gives up. */
  void hold(boolean towardsHub, boolean towardsAgent, long untilMicros) {
    if (towardsHub) {
      toHub.hold(untilMicros);
    }
    if (towardsAgent) {
      toAgent.hold(untilMicros);
    }
  }

  void release() {
    toHub.release();
    toAgent.release();
  }

  /** One of the two processes is dead. */
  void end(Process dead) {
    if (dead == agent) {
      endAtAgent(Status.CANCELLED);
      long silent = world.random.nextInt(4) == 0 ? HALF_OPEN_MICROS : 5_000;
      world.schedule.after(world.random.nextLong(silent), this::endAtHub);
    } else {
      endAtHub();
      world.schedule.after(
          world.random.nextLong(5_000),
          () -> endAtAgent(Status.UNAVAILABLE.withDescription("the hub is gone")));
    }
  }

  /** What the hub answers into. */
  private final class HubEnd extends ServerCallStreamObserver<HubMessage> {
    private Runnable onReady = () -> {};
    private Runnable onCancel = () -> {};

    private void ready() {
      onReady.run();
    }

    private void cancelled() {
      onCancel.run();
    }

    @Override
    public boolean isCancelled() {
      return overAtHub;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void disableAutoRequest() {}

    @Override
    public boolean isReady() {
      return toAgent.isReady();
    }

    @Override
    public void request(int messages) {
      toHub.request(messages);
    }

    @Override
    public void onNext(HubMessage message) {
      hub.kill.point();
      toAgent.send(message);
    }

    @Override
    public void onError(Throwable error) {
      Status status = Status.fromThrowable(error);
      toAgent.end(() -> endOf(status));
    }

    @Override
    public void onCompleted() {
      toAgent.end(() -> endOf(Status.OK));
    }

    private void endOf(Status status) {
      endAtAgent(status);
      endAtHub();
    }
  }
}
