package io.spokewire.agent.stream;

import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;

/**
 * Who takes what the hub sends. Called on the connection's thread, one call at a time for one
 * session, in the order of the stream; {@code attached} comes first and {@code detached} last. Must
 * not block for long.
 */
public interface LinkListener {
  /**
   * A session begins. Its number is durable; nothing was sent yet.
   *
   * @throws io.spokewire.common.fault.Fault if what the hub has does not fit what we have; the link
   *     then refuses
   */
  void attached(HubSession session);

  /** The session is over; nothing more comes from it. */
  void detached(HubSession session);

  /** The hub durably has everything up to here. */
  void acknowledged(HubSession session, Sequence sequence, SourcePosition position);

  /**
   * Takes a batch.
   *
   * @return false if there is no room for another one yet: then {@link HubSession#receiveMore()}
   *     must be called once there is
   */
  boolean delivered(HubSession session, Delivery delivery);

  void ordered(HubSession session, HubOrder order);

  void flowChanged(HubSession session, FlowChange flow);

  /** The connection takes more data again. */
  void sendable(HubSession session);
}
