package io.spokewire.hub.stream;

import io.grpc.Context;
import io.spokewire.common.id.SpokeId;

/** The spoke whose certificate opened the present call. */
public record Peer(SpokeId spoke) {
  /** Set before any service of the agents is reached. */
  public static final Context.Key<Peer> KEY = Context.key("spokewire-peer");
}
