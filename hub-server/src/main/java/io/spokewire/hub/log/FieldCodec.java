package io.spokewire.hub.log;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The fields that records of the store are made of. One log is one incarnation and one channel, so
 * neither is in a record. Spokes are few and named in every record: each name is checked once and
 * then shared. Safe from any thread.
 */
final class FieldCodec {
  private final Position beginning;
  private final Map<Bytes, SpokeId> spokes = new ConcurrentHashMap<>();

  FieldCodec(Position beginning) {
    this.beginning = beginning.at(0);
  }

  Position position(long number) {
    return beginning.at(number);
  }

  void checkSameLog(Position position) {
    if (!position.isSameLogAs(beginning)) {
      throw Fault.invariant("one log", "position " + position + " in the log of " + beginning);
    }
  }

  void put(ByteSink sink, Writer writer) {
    if (!writer.channel().equals(beginning.channel())) {
      throw Fault.invariant("one channel", "writer " + writer + " in the log of " + beginning);
    }
    sink.putText(writer.spoke().name()).putVarint(writer.epoch().number());
  }

  Writer writer(ByteSource source) {
    return new Writer(spoke(source), epoch(source), beginning.channel());
  }

  SpokeId spoke(ByteSource source) {
    Bytes name = source.readSized();
    SpokeId known = spokes.get(name);
    if (known == null) {
      known = new SpokeId(name.toUtf8());
      spokes.put(name.detached(), known);
    }
    return known;
  }

  static Epoch epoch(ByteSource source) {
    return new Epoch(count(source));
  }

  static Sequence sequence(ByteSource source) {
    return new Sequence(source.readVarint());
  }

  static void put(ByteSink sink, HybridTime time) {
    sink.putInt64(time.micros()).putVarint(time.logical());
  }

  static HybridTime time(ByteSource source) {
    return new HybridTime(source.readInt64(), count(source));
  }

  static ChainHash hash(ByteSource source) {
    return new ChainHash(source.read(ChainHash.LENGTH));
  }

  static SourcePosition sourcePosition(ByteSource source) {
    return new SourcePosition(source.readSized());
  }

  void put(ByteSink sink, Context context) {
    checkSameLog(context.low());
    sink.putVarint(context.low().number());
    sink.putVarint(context.above().length);
    long before = context.low().number();
    for (long number : context.above()) {
      sink.putVarint(number - before);
      before = number;
    }
    sink.putVarint(context.exceptions().size());
    context.exceptions().forEach(unseen -> unseen.putTo(sink));
  }

  Context context(ByteSource source) {
    long low = source.readVarint();
    int aboveCount = source.readLength();
    int from = 0;
    long before = low;
    long[] above = new long[aboveCount];
    while (from < aboveCount) {
      before += source.readVarint();
      above[from++] = before;
    }
    int exceptionCount = source.readLength();
    if (aboveCount == 0 && exceptionCount == 0) {
      return Context.through(beginning.at(low));
    }
    List<Context.Unseen> exceptions = new ArrayList<>(exceptionCount);
    for (int i = 0; i < exceptionCount; i++) {
      exceptions.add(Context.Unseen.readFrom(source));
    }
    return new Context(beginning.at(low), above, exceptions);
  }

  static void put(ByteSink sink, VectorClock clock) {
    sink.putVarint(clock.size());
    clock.forEach((spoke, last) -> sink.putText(spoke.name()).putVarint(last.number()));
  }

  VectorClock vectorClock(ByteSource source) {
    int size = source.readLength();
    VectorClock.Builder clock = new VectorClock.Builder(size);
    for (int left = size; left > 0; left--) {
      clock.put(spoke(source), sequence(source));
    }
    return clock.build();
  }

  static void put(ByteSink sink, RowBlock rows) {
    sink.putVarint(rows.rows()).putSized(rows.bytes());
  }

  static RowBlock rows(ByteSource source) {
    int count = count(source);
    Bytes bytes = source.readSized();
    return count == 0 ? RowBlock.EMPTY : new RowBlock(bytes, count);
  }

  /** A number that is not negative and fits an {@code int}. */
  static int count(ByteSource source) {
    long value = source.readVarint();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new MalformedBytesException("count " + value);
    }
    return (int) value;
  }
}
