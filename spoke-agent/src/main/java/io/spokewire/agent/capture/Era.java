package io.spokewire.agent.capture;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.SourcePosition;
import java.util.Optional;

/**
 * A stretch of a site's changes that was captured by one method. What one snapshot sees belongs to
 * one, what it does not to the next.
 *
 * <p>The places of the first one are its source's own. Those of a later one have its number before
 * them, behind a byte that no source's place begins with, and so come after all earlier ones.
 *
 * @param number from 0
 * @param byTriggers its method: triggers, or the engine's log
 * @param begin its source's own place where it begins; NONE for the first one: where capture was
 *     set up
 * @param end its source's own place where it ends; empty for the last one
 */
public record Era(
    long number, boolean byTriggers, SourcePosition begin, Optional<SourcePosition> end) {
  private static final int MARK = 0xFF;

  /** The only one of a site that always captured by one method. */
  public static Era only(boolean byTriggers) {
    return new Era(0, byTriggers, SourcePosition.NONE, Optional.empty());
  }

  /** The next one. */
  public Era next(boolean triggers, SourcePosition from) {
    return new Era(number + 1, triggers, from, Optional.empty());
  }

  public Era endedAt(SourcePosition at) {
    return new Era(number, byTriggers, begin, Optional.of(at));
  }

  /** A place of its source, for everybody else. */
  public SourcePosition outside(SourcePosition own) {
    if (number == 0) {
      return own;
    }
    ByteSink sink = new ByteSink(16 + own.token().length());
    return new SourcePosition(sink.putByte(MARK).putInt32((int) number).put(own.token()).toBytes());
  }

  /** The other way round; the place must be one of this era. */
  public SourcePosition inside(SourcePosition place) {
    if (number == 0 || place.isNone()) {
      return place;
    }
    Bytes token = place.token();
    return new SourcePosition(token.slice(5, token.length() - 5));
  }

  /** The number of the era in which a place lies. */
  public static long of(SourcePosition place) {
    if (place.isNone() || (place.token().at(0) & 0xFF) != MARK) {
      return 0;
    }
    ByteSource source = new ByteSource(place.token());
    source.readByte();
    return Integer.toUnsignedLong(source.readInt32());
  }
}
