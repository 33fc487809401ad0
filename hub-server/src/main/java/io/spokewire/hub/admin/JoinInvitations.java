package io.spokewire.hub.admin;

import io.spokewire.common.id.SpokeId;
import java.time.Duration;
import java.time.Instant;

/** Who hands out join tokens. Safe from any thread. */
public interface JoinInvitations {
  /** A token with which this spoke's agent can join once. Durable, as a hash, at the return. */
  Invitation invite(SpokeId spoke, Duration validFor);

  /**
   * @param token to be shown once; carries the pin of the hub's CA
   * @param hubAddress HOST:PORT at which agents reach the hub
   */
  record Invitation(String token, Instant expires, String hubAddress) {}
}
