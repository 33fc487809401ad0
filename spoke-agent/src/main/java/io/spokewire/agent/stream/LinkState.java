package io.spokewire.agent.stream;

import io.spokewire.common.fault.Fault;

/** Where the link to the hub stands. */
public sealed interface LinkState {
  /** Not connected; tried again at {@code retryNanos} of the time source. */
  record Disconnected(String reason, long retryNanos) implements LinkState {}

  /** On the way: the hub's welcome is awaited until {@code deadlineNanos}. */
  record Connecting(long deadlineNanos) implements LinkState {}

  /** Connected; data flows when the spoke is live. */
  record Attached(HubSession session) implements LinkState {}

  /** Connected, and an operator stopped the data. Control and status go on. */
  record Paused(HubSession session) implements LinkState {}

  /** The hub said no for good, or what it has does not fit what we have. */
  record Refused(Fault fault) implements LinkState {}
}
