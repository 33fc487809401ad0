package io.spokewire.hub.audit;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.id.Writer;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry;
import java.time.Instant;
import java.util.List;

/** Log entries with conflicts, for tests. */
public final class Conflicts {
  public static final Position LOG =
      Position.beginning(
          LogIncarnation.parse("7b0f3d4e-0000-4000-8000-000000000001"), ChannelId.MAIN);
  public static final SpokeId LISBON = new SpokeId("lisbon");
  public static final SpokeId PORTO = new SpokeId("porto");
  public static final Instant START = Instant.parse("2026-11-22T10:00:00Z");

  public static final TableSchema ORDERS =
      TableSchema.of(
          new TableName("orders"),
          List.of(
              new Column("id", LogicalType.INTEGER, "bigint", false),
              new Column("status", LogicalType.TEXT, "text", true),
              new Column("total", LogicalType.DECIMAL, "numeric(10,2)", true)),
          List.of(0));

  private Conflicts() {}

  /** An outcome with these conflicts, one second after the one before it. */
  public static LogEntry.Outcome outcome(long number, ConflictRecord... conflicts) {
    Transaction transaction =
        new Transaction(
            new Writer(LISBON, Epoch.FIRST, ChannelId.MAIN),
            new Sequence(number),
            SourcePosition.NONE,
            HybridTime.of(START.plusSeconds(number)),
            Context.through(LOG),
            ChainHash.START,
            RowBlock.EMPTY,
            0);
    return new LogEntry.Outcome(LOG.at(number), transaction, List.of(), List.of(conflicts));
  }

  public static LogEntry.EpochChange withoutConflict(long number) {
    return new LogEntry.EpochChange(LOG.at(number), LISBON, Epoch.FIRST, 0);
  }

  /** The same, waiting for a person. */
  public static ConflictRecord open(ConflictRecord c) {
    return new ConflictRecord(
        c.table(),
        c.schema(),
        c.key(),
        c.field(),
        c.kind(),
        c.base(),
        c.source(),
        c.target(),
        c.others(),
        c.rule(),
        c.ruleVersion(),
        c.result(),
        true);
  }

  /** Two sites set an order's status. */
  public static ConflictRecord status(long id, String base, String source, String target) {
    return conflict(
        id, "status", ConflictKind.UPDATE_CONCURRENT, text(base), text(source), text(target));
  }

  public static ConflictRecord conflict(
      long id, String field, ConflictKind kind, Field base, Field source, Field target) {
    return new ConflictRecord(
        ORDERS.table(),
        ORDERS.id(),
        key(text(Long.toString(id))),
        field,
        kind,
        FieldImage.of(base),
        new ConflictWrite(
            LISBON,
            new Sequence(173),
            LOG.at(6),
            HybridTime.of(START),
            VectorClock.EMPTY.with(LISBON, new Sequence(173)).with(PORTO, new Sequence(8)),
            ORDERS.id(),
            key(text(Long.toString(id))),
            source,
            Tuple.NONE),
        new ConflictWrite(
            PORTO,
            new Sequence(9),
            LOG.at(5),
            HybridTime.of(START.minusSeconds(1)),
            VectorClock.EMPTY.with(PORTO, new Sequence(9)),
            ORDERS.id(),
            key(text(Long.toString(id))),
            target,
            Tuple.NONE),
        List.of(),
        "last_write_wins",
        new PlanVersion(2),
        FieldImage.of(source),
        false);
  }

  /** The same conflict in another log. */
  public static ConflictRecord in(Position log, ConflictRecord c) {
    return new ConflictRecord(
        c.table(),
        c.schema(),
        c.key(),
        c.field(),
        c.kind(),
        c.base(),
        in(log, c.source()),
        in(log, c.target()),
        List.of(),
        c.rule(),
        c.ruleVersion(),
        c.result(),
        c.open());
  }

  private static ConflictWrite in(Position log, ConflictWrite w) {
    return new ConflictWrite(
        w.spoke(),
        w.sequence(),
        log.at(w.position().number()),
        w.time(),
        w.clock(),
        w.schema(),
        w.key(),
        w.value(),
        w.row());
  }

  public static RowKey key(Field... values) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    for (Field value : values) {
      writer.put(value);
    }
    return new RowKey(sink.toBytes());
  }

  public static Field text(String value) {
    return Field.ofValue(Bytes.utf8(value));
  }
}
