package io.spokewire.common.id;

/**
 * The hub's number for an entry of one channel's log: contiguous from 1, never reused. Number 0 is
 * the place before the first entry. Positions of different incarnations or channels do not compare.
 */
public record Position(LogIncarnation incarnation, ChannelId channel, long number)
    implements Comparable<Position> {
  public Position {
    if (number < 0) {
      throw new IllegalArgumentException("position " + number + " is negative");
    }
  }

  /** The place before the first entry of a log. */
  public static Position beginning(LogIncarnation incarnation, ChannelId channel) {
    return new Position(incarnation, channel, 0);
  }

  public Position next() {
    return at(number + 1);
  }

  /** Another position of the same log. */
  public Position at(long otherNumber) {
    return new Position(incarnation, channel, otherNumber);
  }

  public boolean isSameLogAs(Position other) {
    return incarnation.equals(other.incarnation) && channel.equals(other.channel);
  }

  public boolean isAfter(Position other) {
    return compareTo(other) > 0;
  }

  @Override
  public int compareTo(Position other) {
    if (!isSameLogAs(other)) {
      throw new IllegalArgumentException("positions of two logs: " + this + " and " + other);
    }
    return Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return channel + ":" + number;
  }
}
