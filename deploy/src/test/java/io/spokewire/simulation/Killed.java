package io.spokewire.simulation;

/** The process ends here, between two things it does. No production code may catch it. */
final class Killed extends Error {
  private static final long serialVersionUID = 1L;

  Killed() {
    super("killed", null, false, false);
  }
}
