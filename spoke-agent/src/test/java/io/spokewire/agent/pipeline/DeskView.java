package io.spokewire.agent.pipeline;

import io.spokewire.common.fault.Fault;
import java.util.Optional;

/** What stands on an agent's desk, for whoever watches it from outside. */
public final class DeskView {
  private DeskView() {}

  /** Why the flow stopped for good; empty while it did not. */
  public static Optional<Fault> halted(Desk desk) {
    Desk.Halt halt = desk.halted();
    return halt == null ? Optional.empty() : Optional.of(halt.fault());
  }

  /** Whether data goes both ways now and capture has its log. */
  public static boolean flows(Desk desk) {
    return desk.mayApply();
  }

  /** How all stands, in one line. */
  public static String describe(Desk desk) {
    return "halted %s, %s, capturing %s, pending %d, acknowledged %s, orders %d"
        .formatted(
            desk.halted(),
            desk.footing(),
            desk.capturing(),
            desk.pendingTransactions(),
            desk.acknowledged(),
            desk.orders().size());
  }
}
