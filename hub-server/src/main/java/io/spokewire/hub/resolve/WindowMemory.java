package io.spokewire.hub.resolve;

/** About how much memory the rows of one window take, counted by those who add and remove them. */
final class WindowMemory {
  private long bytes;

  void grow(long more) {
    bytes += more;
  }

  void shrink(long less) {
    bytes -= less;
  }

  long bytes() {
    return bytes;
  }
}
