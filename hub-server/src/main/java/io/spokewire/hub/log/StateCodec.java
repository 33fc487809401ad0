package io.spokewire.hub.log;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.hub.entry.WriterState;

/**
 * What the store keeps besides entries, as records in the same envelope. Encoding by one thread,
 * decoding by any; the caller owns encoded arrays, and what is decoded shares the record's array.
 *
 * <p>Every decoding method throws {@link MalformedBytesException} on a record that is not what was
 * written.
 */
public final class StateCodec {
  private final FieldCodec fields;
  private final ByteSink sink = new ByteSink(1024);

  /**
   * @param log any position of the log this state belongs to
   */
  public StateCodec(Position log) {
    this.fields = new FieldCodec(log);
  }

  public byte[] encode(WriterState state) {
    Sealed.begin(sink);
    fields.put(sink, state.writer());
    sink.putVarint(state.last().number())
        .put(state.hash().value())
        .putSized(state.sourcePosition().token());
    fields.put(sink, state.context());
    FieldCodec.put(sink, state.time());
    return Sealed.end(sink);
  }

  public WriterState writer(byte[] record) {
    ByteSource source = Sealed.open(record);
    try {
      return new WriterState(
          fields.writer(source),
          FieldCodec.sequence(source),
          FieldCodec.hash(source),
          FieldCodec.sourcePosition(source),
          fields.context(source),
          FieldCodec.time(source));
    } catch (IllegalArgumentException e) {
      throw new MalformedBytesException("writer state: " + e.getMessage());
    }
  }

  /** A position of this log. */
  public byte[] encode(Position position) {
    fields.checkSameLog(position);
    return Sealed.end(Sealed.begin(sink).putVarint(position.number()));
  }

  public Position position(byte[] record) {
    return fields.position(Sealed.open(record).readVarint());
  }

  public byte[] encode(TableSchema schema) {
    Sealed.begin(sink);
    SchemaRecord.put(sink, schema);
    return Sealed.end(sink);
  }

  public TableSchema schema(byte[] record) {
    return SchemaRecord.schema(Sealed.open(record));
  }

  public byte[] encode(RowBlock rows) {
    Sealed.begin(sink);
    FieldCodec.put(sink, rows);
    return Sealed.end(sink);
  }

  public RowBlock rows(byte[] record) {
    return FieldCodec.rows(Sealed.open(record));
  }

  /** The name of the log: incarnation and channel. It is not bound to any log itself. */
  public static byte[] encodeLog(Position log) {
    ByteSink sink = new ByteSink(64);
    Sealed.begin(sink).putText(log.incarnation().toString()).putText(log.channel().name());
    return Sealed.end(sink);
  }

  /** The place before the first entry of the log that a record names. */
  public static Position log(byte[] record) {
    ByteSource source = Sealed.open(record);
    try {
      return Position.beginning(
          LogIncarnation.parse(source.readText()), new ChannelId(source.readText()));
    } catch (IllegalArgumentException e) {
      throw new MalformedBytesException("log name: " + e.getMessage());
    }
  }
}
