package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A row of the window to bytes and back, for {@link ColdRows}. Field numbers are written as they
 * are, so the bytes mean something only to the resolver that wrote them. Not thread-safe.
 */
final class RowWindowCodec {
  private final Function<SchemaId, Shape> shapes;
  private final ByteSink sink = new ByteSink(1024);

  RowWindowCodec(Function<SchemaId, Shape> shapes) {
    this.shapes = shapes;
  }

  /** The row's bytes, valid until the next call. */
  Bytes encode(RowWindow row) {
    sink.clear();
    List<Version> versions = row.all();
    sink.putVarint(row.runStart()).putVarint(versions.size());
    for (Version version : versions) {
      put(version);
    }
    return Bytes.wrap(sink.backingArray(), 0, sink.size());
  }

  /**
   * Puts versions back into an empty row.
   *
   * @param log any position of the log
   */
  void decode(Bytes bytes, RowWindow row, Position log) {
    ByteSource source = new ByteSource(bytes);
    int runStart = (int) source.readVarint();
    int count = (int) source.readVarint();
    List<Version> versions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      versions.add(version(source, row, log));
    }
    row.restore(versions, runStart);
  }

  private void put(Version version) {
    put(version.mark);
    RowWrite write = version.write;
    sink.putByte(write.kind.ordinal()).putInt64(write.shape.schema.id().value());
    put(write.before);
    put(write.after);
    RowKey moved = write.moved;
    sink.putSized(moved == null ? Bytes.EMPTY : moved.bytes());
    version.sibling.putTo(sink);
    version.toOthers.putTo(sink);
    version.toOrigin.putTo(sink);
    sink.putByte(version.exists ? 1 : 0);
    boolean asWritten = version.result() == write.after;
    sink.putByte(asWritten ? 1 : 0);
    if (!asWritten) {
      put(version.result());
    }
    put(version.whole());
    put(version.held());
  }

  private Version version(ByteSource source, RowWindow row, Position log) {
    Mark mark = mark(source, log);
    RowWrite.Kind kind = RowWrite.Kind.of(source.readByte());
    Shape shape = shapes.apply(new SchemaId(source.readInt64()));
    Tuple before = tuple(source);
    Tuple after = tuple(source);
    Bytes moved = source.readSized();
    return new Version(
        row,
        mark,
        new RowWrite(
            kind,
            shape,
            row.key,
            before,
            after,
            moved.isEmpty() ? null : new RowKey(moved.detached())),
        FieldSet.readFrom(source),
        Delivery.readFrom(source),
        Delivery.readFrom(source),
        source.readByte() == 1,
        source.readByte() == 1 ? after : tuple(source),
        tuple(source),
        tuple(source));
  }

  private void put(Mark mark) {
    Writer writer = mark.writer();
    sink.putText(writer.spoke().name()).putVarint(writer.epoch().number());
    sink.putVarint(mark.sequence().number()).putVarint(mark.number());
    sink.putInt64(mark.time().micros()).putVarint(mark.time().logical());
    Context context = mark.context();
    sink.putVarint(context.low().number()).putVarint(context.above().length);
    for (long number : context.above()) {
      sink.putVarint(number);
    }
    sink.putVarint(context.exceptions().size());
    context.exceptions().forEach(unseen -> unseen.putTo(sink));
  }

  private static Mark mark(ByteSource source, Position log) {
    Writer writer =
        new Writer(
            new SpokeId(source.readText()), new Epoch((int) source.readVarint()), log.channel());
    Sequence sequence = new Sequence(source.readVarint());
    Position position = log.at(source.readVarint());
    HybridTime time = new HybridTime(source.readInt64(), (int) source.readVarint());
    Position low = log.at(source.readVarint());
    long[] above = new long[(int) source.readVarint()];
    for (int i = 0; i < above.length; i++) {
      above[i] = source.readVarint();
    }
    int count = (int) source.readVarint();
    List<Context.Unseen> exceptions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      exceptions.add(Context.Unseen.readFrom(source).detached());
    }
    return new Mark(writer, sequence, position, new Context(low, above, exceptions), time);
  }

  private void put(Tuple tuple) {
    sink.putSized(tuple.bytes());
  }

  /** Shares no array with the source: rows of the window own what they hold. */
  private static Tuple tuple(ByteSource source) {
    Bytes bytes = source.readSized();
    return bytes.isEmpty() ? Tuple.NONE : new Tuple(bytes.detached());
  }
}
