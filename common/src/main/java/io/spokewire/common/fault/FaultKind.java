package io.spokewire.common.fault;

/** What sort of fault it is, and so with which code a program that fails by it exits. */
public enum FaultKind {
  /** The answer is no: not converged, differences found, check failed. */
  NEGATIVE(1),
  /** Wrong usage or configuration. */
  USAGE(2),
  /** The hub or a database can't be reached. */
  UNREACHABLE(3),
  /** Refused: identity or permission. */
  REFUSED(4),
  /** An internal fault, or an invariant that does not hold. */
  INTERNAL(5);

  private final int exitCode;

  FaultKind(int exitCode) {
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
