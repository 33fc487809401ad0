package io.spokewire.hub.admin;

import io.spokewire.hub.audit.AuditedConflict;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.Retried;

/** Another plan's rules. Safe from any thread. */
public interface Trial {
  /** What they would have made of a conflict. */
  Retried of(ConflictRecord conflict);

  /** A result of theirs, readable. */
  AuditedConflict.Shown shown(ConflictRecord conflict, Retried.Settled settled);

  /** Makes the rules of a plan. */
  interface Court {
    /**
     * The trial under this plan.
     *
     * @throws io.spokewire.common.fault.Fault USAGE with every fault of the text
     */
    Trial under(String plan);
  }
}
