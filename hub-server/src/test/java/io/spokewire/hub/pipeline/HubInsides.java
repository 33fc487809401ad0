package io.spokewire.hub.pipeline;

import io.spokewire.common.id.Position;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.resolve.Resolver;
import io.spokewire.hub.topology.Spoke;

/** What a sequencing loop knows, for whoever makes deliberate faults in it. */
public final class HubInsides {
  private HubInsides() {}

  public static Resolver resolver(SequenceLoop loop) {
    return loop.state().resolver();
  }

  /** What the window has forgotten up to. */
  public static long frontier(SequenceLoop loop) {
    return loop.state().resolvedFrontier();
  }

  public static Position head(SequenceLoop loop) {
    return loop.state().head();
  }

  /** What the spoke reported to hold. */
  public static long applied(SequenceLoop loop, SpokeId spoke) {
    Position applied = loop.state().applied(spoke);
    return applied == null ? 0 : applied.number();
  }

  /** The context that the spoke showed last, exceptions aside. */
  public static long shown(SequenceLoop loop, Spoke spoke) {
    return loop.state().desk(spoke).state().context().low().number();
  }
}
