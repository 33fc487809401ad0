package io.spokewire.hub.log;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import java.util.ArrayList;
import java.util.List;

/**
 * Conflict records to bytes and back: inside a log entry, and by themselves with the envelope of
 * {@link Sealed}. Safe from any thread.
 */
public final class ConflictCodec {
  private final FieldCodec fields;

  /**
   * @param log any position of the log whose conflicts these are
   */
  public ConflictCodec(Position log) {
    this(new FieldCodec(log));
  }

  ConflictCodec(FieldCodec fields) {
    this.fields = fields;
  }

  /** A record by itself. */
  public byte[] seal(ConflictRecord conflict) {
    ByteSink sink = Sealed.begin(new ByteSink(512));
    put(sink, conflict);
    return Sealed.end(sink);
  }

  /**
   * What {@link #seal} wrote; it shares the array.
   *
   * @throws MalformedBytesException if the record is garbled or of a newer version
   */
  public ConflictRecord open(byte[] sealed) {
    try {
      return conflict(Sealed.open(sealed));
    } catch (IllegalArgumentException e) {
      throw new MalformedBytesException("conflict record: " + e.getMessage());
    }
  }

  void put(ByteSink sink, ConflictRecord c) {
    sink.putText(c.table().name())
        .putInt64(c.schema().value())
        .putSized(c.key().bytes())
        .putText(c.field())
        .putText(c.kind().name());
    put(sink, c.base());
    put(sink, c.source(), c);
    put(sink, c.target(), c);
    sink.putVarint(c.others().size());
    c.others().forEach(write -> put(sink, write, c));
    sink.putText(c.rule()).putVarint(c.ruleVersion().number());
    put(sink, c.result());
    sink.putByte(c.open() ? 1 : 0);
  }

  ConflictRecord conflict(ByteSource source) {
    TableName table = new TableName(source.readText());
    SchemaId schema = new SchemaId(source.readInt64());
    RowKey key = new RowKey(source.readSized());
    return new ConflictRecord(
        table,
        schema,
        key,
        source.readText(),
        ConflictKind.valueOf(source.readText()),
        image(source),
        write(source, schema, key),
        write(source, schema, key),
        others(source, schema, key),
        source.readText(),
        new PlanVersion(FieldCodec.count(source)),
        image(source),
        source.readByte() != 0);
  }

  static void put(ByteSink sink, FieldImage image) {
    sink.putSized(image.value().encoded()).putSized(image.row().bytes());
  }

  static FieldImage image(ByteSource source) {
    return new FieldImage(field(source), tuple(source));
  }

  /** Most writes are of the record's own row in its own shape: then neither is told again. */
  private void put(ByteSink sink, ConflictWrite write, ConflictRecord of) {
    fields.checkSameLog(write.position());
    sink.putText(write.spoke().name())
        .putVarint(write.sequence().number())
        .putVarint(write.position().number());
    FieldCodec.put(sink, write.time());
    FieldCodec.put(sink, write.clock());
    boolean elsewhere = !write.schema().equals(of.schema()) || !write.key().equals(of.key());
    sink.putByte(elsewhere ? 1 : 0);
    if (elsewhere) {
      sink.putInt64(write.schema().value()).putSized(write.key().bytes());
    }
    sink.putSized(write.value().encoded()).putSized(write.row().bytes());
  }

  private ConflictWrite write(ByteSource source, SchemaId recordSchema, RowKey recordKey) {
    SpokeId spoke = fields.spoke(source);
    Sequence sequence = FieldCodec.sequence(source);
    Position position = fields.position(source.readVarint());
    HybridTime time = FieldCodec.time(source);
    VectorClock clock = fields.vectorClock(source);
    boolean elsewhere = source.readByte() != 0;
    return new ConflictWrite(
        spoke,
        sequence,
        position,
        time,
        clock,
        elsewhere ? new SchemaId(source.readInt64()) : recordSchema,
        elsewhere ? new RowKey(source.readSized()) : recordKey,
        field(source),
        tuple(source));
  }

  private List<ConflictWrite> others(ByteSource source, SchemaId schema, RowKey key) {
    int count = source.readLength();
    if (count == 0) {
      return List.of();
    }
    List<ConflictWrite> others = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      others.add(write(source, schema, key));
    }
    return others;
  }

  private static Field field(ByteSource source) {
    return Field.ofEncoded(source.readSized());
  }

  private static Tuple tuple(ByteSource source) {
    Bytes bytes = source.readSized();
    return bytes.isEmpty() ? Tuple.NONE : new Tuple(bytes);
  }
}
