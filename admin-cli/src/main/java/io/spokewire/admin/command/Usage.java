package io.spokewire.admin.command;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;

/** Faults of what was typed. */
final class Usage {
  private Usage() {}

  static Fault fault(String operation, String reason, String hint) {
    return Fault.of(FaultKind.USAGE, operation, reason).hint(hint).build();
  }
}
