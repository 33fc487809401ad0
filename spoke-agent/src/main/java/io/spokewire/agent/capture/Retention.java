package io.spokewire.agent.capture;

/**
 * What a source keeps of its log for us at one moment.
 *
 * @param bytes so much
 * @param left so much more until the source gives it up, and us with it; {@link #UNLIMITED} if it
 *     keeps whatever comes
 * @param reading whether somebody reads from it now, as the source sees it
 */
public record Retention(long bytes, long left, boolean reading) {
  public static final long UNLIMITED = Long.MAX_VALUE;
}
