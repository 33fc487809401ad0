package io.spokewire.hub.http;

import java.util.Optional;

/** Whether the hub does its work. Safe from any thread; must not block. */
public interface Readiness {
  /** Why not, in one line for people; empty when it does. */
  Optional<String> lacking();
}
