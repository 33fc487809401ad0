package io.spokewire.common.id;

/** Who numbers transactions: one spoke, in one of its epochs, on one channel. */
public record Writer(SpokeId spoke, Epoch epoch, ChannelId channel) {
  @Override
  public String toString() {
    return spoke + "/" + epoch + "/" + channel;
  }
}
