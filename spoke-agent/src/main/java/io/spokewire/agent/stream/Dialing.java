package io.spokewire.agent.stream;

import io.grpc.ManagedChannel;
import io.spokewire.agent.identity.AgentIdentity;
import io.spokewire.agent.settings.HubAddress;

/**
 * How the link gets a connection to its hub. Whoever asks for one shuts it down. Called on the
 * link's thread.
 */
public interface Dialing {
  /** Over TLS, both sides showing their certificates. */
  Dialing TLS = HubDialer::dial;

  /** A connection that is opened with the first call over it. */
  ManagedChannel dial(HubAddress hub, AgentIdentity identity);
}
