package io.spokewire.agent.apply.table;

/** How a batch is written; each way is tried when the one before was refused. */
public enum Way {
  /** Fewest statements. */
  REORDERED,
  /** In the order of the changes, deferrable constraints at the end. */
  STRICT,
  /** In the order of the changes, refused rows set aside. */
  ISOLATED
}
