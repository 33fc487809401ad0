package io.spokewire.simulation;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.spokewire.common.id.SpokeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The network between agents and hub. Messages of one call keep their order, as TCP keeps it; those
 * of different calls overtake each other freely. What is lost is lost with its connection.
 */
final class Network {
  private final World world;
  private final List<Link> links = new ArrayList<>();
  private final Set<SpokeId> unreachable = new HashSet<>();
  private long slowest;

  Network(World world) {
    this.world = world;
    this.slowest = world.scenario.latencyMicros();
  }

  long latency() {
    return 200 + world.random.nextLong(slowest);
  }

  /** What an agent dials. */
  ManagedChannel channel(SimulatedAgent agent, SpokeId spoke) {
    return new Channel(agent, spoke);
  }

  void opened(Link link) {
    links.removeIf(Link::isOver);
    links.add(link);
  }

  boolean isReachable(SpokeId spoke) {
    return !unreachable.contains(spoke);
  }

  void cut(Site site, boolean halfOpen) {
    of(site).forEach(link -> link.cut(halfOpen));
  }

  /** Nothing gets through in a direction, or both; new connections fail; old ones break in time. */
  void partition(Site site, boolean towardsHub, boolean towardsAgent, long micros) {
    long until = world.schedule.now() + micros;
    List<Link> held = of(site);
    held.forEach(link -> link.hold(towardsHub, towardsAgent, until));
    unreachable.add(site.id());
    world.schedule.after(
        Math.min(micros, 15_000_000 + world.random.nextLong(10_000_000)),
        () -> {
          if (world.random.nextInt(3) > 0) {
            held.forEach(link -> link.cut(true));
          }
        });
    world.schedule.at(until, () -> unreachable.remove(site.id()));
  }

  /** The world is over: whoever still talks frees what he holds outside the heap. */
  void close() {
    List.copyOf(links).forEach(Link::free);
  }

  void heal() {
    unreachable.clear();
    List.copyOf(links).forEach(Link::release);
  }

  void gone(Process process) {
    links.removeIf(Link::isOver);
    for (Link link : List.copyOf(links)) {
      if (link.isOf(process)) {
        link.end(process);
      }
    }
  }

  private List<Link> of(Site site) {
    return links.stream().filter(link -> link.agent().site() == site && !link.isOver()).toList();
  }

  /** A connection in name only: each call is a link of its own. */
  private final class Channel extends ManagedChannel {
    private final SimulatedAgent agent;
    private final SpokeId spoke;
    private boolean shut;

    Channel(SimulatedAgent agent, SpokeId spoke) {
      this.agent = agent;
      this.spoke = spoke;
    }

    @Override
    @SuppressWarnings("unchecked") // there is one method to call
    public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
      return (ClientCall<Q, R>) new Link(world, agent, spoke);
    }

    @Override
    public String authority() {
      return "hub";
    }

    @Override
    public ManagedChannel shutdown() {
      shut = true;
      return this;
    }

    @Override
    public ManagedChannel shutdownNow() {
      return shutdown();
    }

    @Override
    public boolean isShutdown() {
      return shut;
    }

    @Override
    public boolean isTerminated() {
      return shut;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }
}
