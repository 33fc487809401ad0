package io.spokewire.hub.entry;

/** What other rules would have made of a conflict. */
public sealed interface Retried {
  /**
   * They would have settled it.
   *
   * @param rule the strategy that would have decided
   * @param result what the field would hold; of a row's existence only whether there would be one,
   *     and the row of whoever would have won
   */
  record Settled(String rule, FieldImage result) implements Retried {}

  /**
   * It can't be told from what met in the conflict.
   *
   * @param why for people, the same for all conflicts of which it is true
   */
  record Unknown(String why) implements Retried {}
}
