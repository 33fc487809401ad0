package io.spokewire.hub.tls;

import io.grpc.Context;

/**
 * The network address a call comes from, without its port: for the log and for limits, proof of
 * nothing.
 */
public record CallOrigin(String address) {
  public static final Context.Key<CallOrigin> KEY = Context.key("spokewire-origin");
  public static final CallOrigin UNKNOWN = new CallOrigin("unknown");

  /** Of the present call. */
  public static CallOrigin current() {
    CallOrigin origin = KEY.get();
    return origin == null ? UNKNOWN : origin;
  }
}
