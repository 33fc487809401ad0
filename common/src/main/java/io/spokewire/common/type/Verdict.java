package io.spokewire.common.type;

/** Whether the values of one site's column can go to another's, and stay what they are. */
public sealed interface Verdict {
  /**
   * Every value that both types have is the same on both sides, and comes back the same.
   *
   * @param note which values only one side has: their rows are set aside at the other, for people
   */
  record Exact(String note) implements Verdict {}

  /**
   * Every value arrives, and the receiver's column can hold more, or writes it in another way.
   *
   * @param note what differs
   */
  record Widened(String note) implements Verdict {}

  /**
   * Values would be changed, cut or lost.
   *
   * @param reason why, in words that follow both types' names
   */
  record Refused(String reason) implements Verdict {}

  /** Whether values may go this way. */
  default boolean isAccepted() {
    return !(this instanceof Refused);
  }
}
