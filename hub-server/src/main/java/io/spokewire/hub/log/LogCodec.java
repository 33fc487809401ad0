package io.spokewire.hub.log;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.ByteSource;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.RowResolution;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Log entries as records: a {@link Sealed} envelope, a kind byte, then the fields in order. The
 * position is the record's key and not in it. A transaction's rows are copied as they are.
 *
 * <p>Threading: {@link #encode} by one thread, {@link #decode} by any.
 */
public final class LogCodec {
  private static final int OUTCOME = 1;
  private static final int OUTCOME_PART = 2;
  private static final int PLAN_SWITCH = 3;
  private static final int SCHEMA_CHANGE = 4;
  private static final int JOIN = 5;
  private static final int EPOCH_CHANGE = 6;
  private static final int BARRIER = 7;
  private static final int RULING = 8;

  private final FieldCodec fields;
  private final ConflictCodec conflicts;
  private final ByteSink sink = new ByteSink(4096);

  /**
   * @param log any position of the log whose entries these are
   */
  public LogCodec(Position log) {
    this.fields = new FieldCodec(log);
    this.conflicts = new ConflictCodec(fields);
  }

  /** The record of an entry; the caller owns the array. */
  public byte[] encode(LogEntry entry) {
    fields.checkSameLog(entry.position());
    Sealed.begin(sink);
    switch (entry) {
      case LogEntry.Outcome e -> {
        sink.putByte(OUTCOME);
        put(e.transaction());
        putResolutions(e.resolutions());
        putConflicts(e.conflicts());
      }
      case LogEntry.OutcomePart e -> {
        sink.putByte(OUTCOME_PART).putVarint(e.index());
        FieldCodec.put(sink, e.rows());
        putResolutions(e.resolutions());
      }
      case LogEntry.PlanSwitch e ->
          sink.putByte(PLAN_SWITCH).putVarint(e.version().number()).putText(e.text());
      case LogEntry.SchemaChange e -> {
        sink.putByte(SCHEMA_CHANGE).putText(e.spoke().name());
        SchemaRecord.put(sink, e.schema());
      }
      case LogEntry.Join e ->
          sink.putByte(JOIN)
              .putText(e.spoke().name())
              .putVarint(e.epoch().number())
              .putByte(e.assumedIdentical() ? 1 : 0);
      case LogEntry.EpochChange e ->
          sink.putByte(EPOCH_CHANGE)
              .putText(e.spoke().name())
              .putVarint(e.epoch().number())
              .putVarint(e.after());
      case LogEntry.Barrier e ->
          sink.putByte(BARRIER)
              .putInt64(e.barrier().id().getMostSignificantBits())
              .putInt64(e.barrier().id().getLeastSignificantBits());
      case LogEntry.Ruling e -> {
        sink.putByte(RULING).putText(e.verdict().name());
        FieldCodec.put(sink, e.time());
        sink.putText(e.by()).putText(e.reason()).putVarint(e.conflicts().size());
        for (LogEntry.Ruled ruled : e.conflicts()) {
          put(ruled.conflict());
          ConflictCodec.put(sink, ruled.value());
        }
      }
    }
    return Sealed.end(sink);
  }

  /**
   * The entry of a record; it shares the array.
   *
   * @param number the position's number, which is the record's key
   * @throws MalformedBytesException if the record is garbled or of a newer version
   */
  public LogEntry decode(long number, byte[] entry) {
    try {
      return decodeChecked(fields.position(number), entry);
    } catch (IllegalArgumentException e) {
      throw new MalformedBytesException("position " + number + ": " + e.getMessage());
    }
  }

  private LogEntry decodeChecked(Position position, byte[] record) {
    ByteSource source = Sealed.open(record);
    int kind = source.readByte();
    LogEntry entry =
        switch (kind) {
          case OUTCOME ->
              new LogEntry.Outcome(
                  position, transaction(source), resolutions(source), conflicts(source));
          case OUTCOME_PART ->
              new LogEntry.OutcomePart(
                  position, FieldCodec.count(source), FieldCodec.rows(source), resolutions(source));
          case PLAN_SWITCH ->
              new LogEntry.PlanSwitch(
                  position, new PlanVersion(FieldCodec.count(source)), source.readText());
          case SCHEMA_CHANGE ->
              new LogEntry.SchemaChange(
                  position, fields.spoke(source), SchemaRecord.schema(source));
          case JOIN ->
              new LogEntry.Join(
                  position, fields.spoke(source), FieldCodec.epoch(source), source.readByte() != 0);
          case EPOCH_CHANGE ->
              new LogEntry.EpochChange(
                  position, fields.spoke(source), FieldCodec.epoch(source), source.readVarint());
          case BARRIER ->
              new LogEntry.Barrier(
                  position, new BarrierId(new UUID(source.readInt64(), source.readInt64())));
          case RULING -> ruling(position, source);
          default -> throw new MalformedBytesException("log entry of unknown kind " + kind);
        };
    if (source.hasRemaining()) {
      throw new MalformedBytesException(source.remaining() + " bytes left over at " + position);
    }
    return entry;
  }

  private void put(Transaction transaction) {
    fields.put(sink, transaction.writer());
    sink.putVarint(transaction.sequence().number());
    sink.putSized(transaction.sourcePosition().token());
    FieldCodec.put(sink, transaction.time());
    fields.put(sink, transaction.context());
    sink.put(transaction.hash().value());
    FieldCodec.put(sink, transaction.rows());
    sink.putVarint(transaction.stagedChunks());
  }

  private Transaction transaction(ByteSource source) {
    return new Transaction(
        fields.writer(source),
        FieldCodec.sequence(source),
        FieldCodec.sourcePosition(source),
        FieldCodec.time(source),
        fields.context(source),
        FieldCodec.hash(source),
        FieldCodec.rows(source),
        FieldCodec.count(source));
  }

  private void putResolutions(List<RowResolution> resolutions) {
    sink.putVarint(resolutions.size());
    for (RowResolution r : resolutions) {
      sink.putVarint(r.row())
          .putSized(r.forOthers())
          .putSized(r.forOrigin())
          .putByte(r.exists() ? 1 : 0)
          .putSized(r.result().bytes())
          .putSized(r.held().bytes());
    }
  }

  private static List<RowResolution> resolutions(ByteSource source) {
    int count = source.readLength();
    if (count == 0) {
      return List.of();
    }
    List<RowResolution> resolutions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      resolutions.add(
          new RowResolution(
              FieldCodec.count(source),
              source.readSized(),
              source.readSized(),
              source.readByte() != 0,
              tuple(source),
              tuple(source)));
    }
    return resolutions;
  }

  private void putConflicts(List<ConflictRecord> records) {
    sink.putVarint(records.size());
    records.forEach(record -> conflicts.put(sink, record));
  }

  private List<ConflictRecord> conflicts(ByteSource source) {
    int count = source.readLength();
    if (count == 0) {
      return List.of();
    }
    List<ConflictRecord> records = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      records.add(conflicts.conflict(source));
    }
    return records;
  }

  private LogEntry.Ruling ruling(Position position, ByteSource source) {
    LogEntry.Verdict verdict = LogEntry.Verdict.valueOf(source.readText());
    HybridTime time = FieldCodec.time(source);
    String by = source.readText();
    String reason = source.readText();
    int count = source.readLength();
    List<LogEntry.Ruled> ruled = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ruled.add(new LogEntry.Ruled(conflictId(source), ConflictCodec.image(source)));
    }
    return new LogEntry.Ruling(position, verdict, time, by, reason, ruled);
  }

  /** A conflict may stand in an earlier incarnation of the log, so all of its name is told. */
  private void put(ConflictId id) {
    Position position = id.position();
    sink.putText(position.incarnation().toString())
        .putText(position.channel().name())
        .putVarint(position.number())
        .putVarint(id.ordinal());
  }

  private static ConflictId conflictId(ByteSource source) {
    return new ConflictId(
        new Position(
            LogIncarnation.parse(source.readText()),
            new ChannelId(source.readText()),
            source.readVarint()),
        FieldCodec.count(source));
  }

  private static Tuple tuple(ByteSource source) {
    Bytes bytes = source.readSized();
    return bytes.isEmpty() ? Tuple.NONE : new Tuple(bytes);
  }
}
