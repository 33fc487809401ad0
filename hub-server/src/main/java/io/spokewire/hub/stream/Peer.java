package io.spokewire.hub.stream;

import io.grpc.Context;
import io.spokewire.common.id.SpokeId;

/**
 * Who is at the other end of a call, as its client certificate says. Put into the call's context by
 * the interceptor that checked the certificate; absent for a call without one.
 */
public record Peer(SpokeId spoke) {
  /** Where the interceptor puts it. */
  public static final Context.Key<Peer> PEER = Context.key("spokewire-peer");
}
