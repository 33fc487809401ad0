package io.spokewire.agent.pipeline;

/**
 * What numbers rows at this site where their writer gives no number. Rows of other sites bring
 * their own, which such a generator must not give again.
 *
 * <p>Threading: one thread. Errors: any fault; the next look may do better.
 */
public interface LocalGenerators {
  /** Moves those that are behind on, past what the tables in use hold; never back. */
  void follow();
}
