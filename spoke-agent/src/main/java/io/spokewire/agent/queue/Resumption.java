package io.spokewire.agent.queue;

import io.spokewire.common.fault.Fault;

/** Whether and from where capture may go on after a start, given what outbox and hub hold. */
public sealed interface Resumption {
  /** What to do where changes are missing that no one can read again. */
  String START_ANEW =
      "start this spoke anew: compare its tables with another site's, then syncadm topology"
          + " remove-spoke, add-spoke, and join";

  /**
   * Read the source after {@code tail.position()}, with {@code tail.context()} as applied so far.
   */
  record Ready(OutboxTail tail) implements Resumption {}

  /** The outbox alone can't tell; ask again with the hub's word. */
  record AwaitHub(String reason) implements Resumption {}

  /** Changes are missing that no one can read again; the spoke must be resynced. */
  record NeedsResync(Fault fault) implements Resumption {}
}
