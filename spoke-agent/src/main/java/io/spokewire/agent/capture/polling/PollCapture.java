package io.spokewire.agent.capture.polling;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import java.time.Duration;

/** Opens the changes of one database as looks find them. Safe from any thread. */
public final class PollCapture implements ChangeSource.Factory {
  private final SiteCopy copy;
  private final Looking looking;
  private final Duration interval;
  private final SpoolDirectory spools;
  private final TimeSource time;

  /**
   * @param interval between two looks
   * @param spools for this source alone
   */
  public PollCapture(
      SiteCopy copy, Looking looking, Duration interval, SpoolDirectory spools, TimeSource time) {
    this.copy = copy;
    this.looking = looking;
    this.interval = interval;
    this.spools = spools;
    this.time = time;
  }

  @Override
  public ChangeSource open(SourcePosition after) {
    long given = number(after);
    long first = copy.confirmed();
    long last = copy.transaction("read the copy", Rounds::last);
    if (given < first || given > last) {
      throw Fault.of(
              FaultKind.NEGATIVE,
              "capture",
              "the agent's copy of the tables has looks "
                  + (first + 1)
                  + " to "
                  + last
                  + ", and the last one that was captured is "
                  + given)
          .hint("the data directory is an old copy, or its file was lost; " + Comparison.ANEW)
          .build();
    }
    return new PollSource(copy, looking, interval, spools, time, given);
  }

  @Override
  public int compare(SourcePosition a, SourcePosition b) {
    return a.token().compareTo(b.token());
  }

  /** As others carry it: eight bytes, the most significant first. */
  public static SourcePosition position(long round) {
    return round == 0
        ? SourcePosition.NONE
        : new SourcePosition(new ByteSink(8).putInt64(round).toBytes());
  }

  static long number(SourcePosition position) {
    return position.isNone() ? 0 : new ByteSource(position.token()).readInt64();
  }
}
