package io.spokewire.hub.testing;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.common.id.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/** A small table, its rows, and a log to place things in. */
public final class Samples {
  public static final LogIncarnation INCARNATION = new LogIncarnation(new UUID(1, 2));
  public static final Position BEGINNING = Position.beginning(INCARNATION, ChannelId.MAIN);
  public static final SpokeId LISBON = new SpokeId("lisbon");
  public static final SpokeId PORTO = new SpokeId("porto");
  public static final TableSchema ORDERS =
      TableSchema.of(
          new TableName("orders"),
          List.of(
              new Column("id", LogicalType.INTEGER, "bigint", false),
              new Column("status", LogicalType.TEXT, "text", true)),
          List.of(0));

  /** A table whose rows nobody can tell apart. */
  public static final TableSchema NOTES =
      TableSchema.of(
          new TableName("notes"),
          List.of(new Column("text", LogicalType.TEXT, "text", true)),
          List.of());

  private Samples() {}

  public static Position at(long number) {
    return BEGINNING.at(number);
  }

  public static Writer writer(SpokeId spoke) {
    return new Writer(spoke, Epoch.FIRST, ChannelId.MAIN);
  }

  public static Bytes text(String value) {
    return Bytes.wrap(value.getBytes(StandardCharsets.UTF_8));
  }

  public static RowKey key(int id) {
    ByteSink sink = new ByteSink();
    new TupleWriter(sink).putValue(text(Integer.toString(id)));
    return new RowKey(sink.toBytes());
  }

  public static RowBlock insert(int id, String status) {
    return block(new RowChange.Insert(ORDERS.id(), key(id), row(id, status)));
  }

  /** Rows with these numbers, the last one not among them. */
  public static RowBlock inserts(int from, int to) {
    RowBlockWriter writer = new RowBlockWriter();
    for (int id = from; id < to; id++) {
      writer.put(new RowChange.Insert(ORDERS.id(), key(id), row(id, "new")));
    }
    return writer.toBlock();
  }

  /** A status that changes, with its before image. */
  public static RowBlock update(int id, String before, String after) {
    return block(new RowChange.Update(ORDERS.id(), key(id), status(before), status(after)));
  }

  public static RowBlock block(RowChange... changes) {
    RowBlockWriter writer = new RowBlockWriter();
    for (RowChange change : changes) {
      writer.put(change);
    }
    return writer.toBlock();
  }

  public static Transaction transaction(SpokeId spoke, long sequence, RowBlock rows) {
    return new Transaction(
        writer(spoke),
        new Sequence(sequence),
        source(sequence),
        new HybridTime(1_000 + sequence, 3),
        Context.through(BEGINNING),
        ChainHash.START,
        rows,
        0);
  }

  public static SourcePosition source(long number) {
    return new SourcePosition(new ByteSink().putInt64(number).toBytes());
  }

  private static Tuple row(int id, String status) {
    ByteSink sink = new ByteSink();
    new TupleWriter(sink).putValue(text(Integer.toString(id))).putValue(text(status));
    return new Tuple(sink.toBytes());
  }

  private static Tuple status(String status) {
    ByteSink sink = new ByteSink();
    new TupleWriter(sink).putUnchanged().putValue(text(status));
    return new Tuple(sink.toBytes());
  }
}
