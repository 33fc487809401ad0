package io.spokewire.agent.stream;

/** Keeps the number of the last session. A copy of this agent that shows an older one is fenced. */
public interface SessionNumbers {
  /** Returns when the number is on disk. */
  void keep(long session);
}
