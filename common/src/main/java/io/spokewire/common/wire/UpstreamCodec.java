package io.spokewire.common.wire;

import com.google.protobuf.ByteString;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.TransactionChunk;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.proto.UpstreamBatch;
import io.spokewire.proto.UpstreamItem;
import java.util.ArrayList;
import java.util.List;

/**
 * What one spoke sends on one channel: the records of its outbox. The bytes of an item are both
 * what the outbox stores and what a batch concatenates, so a record is encoded once in its life.
 * The spoke, the channel and the log that contexts count in are known from the session; the epoch
 * is in each item. Immutable; safe from any thread.
 *
 * <p>Decoded rows share the array they were read from; everything else is copied out of it.
 *
 * <p>Every reading method throws {@link io.spokewire.common.fault.Fault} on a message it can't read
 * whole: nothing is skipped.
 */
public final class UpstreamCodec {
  private final SpokeId spoke;
  private final ChannelId channel;
  private final ClockCodec clock;

  public UpstreamCodec(SpokeId spoke, LogIncarnation incarnation, ChannelId channel) {
    this.spoke = spoke;
    this.channel = channel;
    this.clock = new ClockCodec(incarnation, channel);
  }

  /** An item as it travels: who numbered it, and what it is. */
  public record Item(Epoch epoch, UpstreamRecord record) {}

  public Bytes encode(Epoch epoch, UpstreamRecord record) {
    return Bytes.wrap(toMessage(epoch, record).toByteArray());
  }

  public Item decode(Bytes item) {
    return ofMessage(WireBytes.parse(UpstreamItem.parser(), item, "UpstreamItem"));
  }

  /** The items of an {@code UpstreamBatch}, in order. */
  public List<Item> decodeBatch(Bytes batch) {
    UpstreamBatch message = WireBytes.parse(UpstreamBatch.parser(), batch, "UpstreamBatch");
    WireChecks.noUnknownFields(message);
    List<Item> items = new ArrayList<>(message.getItemsCount());
    for (UpstreamItem item : message.getItemsList()) {
      items.add(ofMessage(item));
    }
    return items;
  }

  /**
   * @throws IllegalArgumentException if the record is another writer's, or its context counts in
   *     another log
   */
  public UpstreamItem toMessage(Epoch epoch, UpstreamRecord record) {
    UpstreamItem.Builder item = UpstreamItem.newBuilder().setEpoch(epoch.number());
    switch (record) {
      case UpstreamRecord.Committed r -> item.setTransaction(toMessage(epoch, r.transaction()));
      case UpstreamRecord.Chunk r -> item.setChunk(toMessage(epoch, r.chunk()));
      case UpstreamRecord.Shape r -> item.setSchema(TableCodec.toMessage(r.schema()));
      case UpstreamRecord.ContextMark r ->
          item.setContextMark(
              io.spokewire.proto.ContextMark.newBuilder()
                  .setSourcePosition(IdCodec.toMessage(r.position()))
                  .setContext(clock.toMessage(r.context())));
      case UpstreamRecord.BarrierMark r ->
          item.setBarrierMark(
              io.spokewire.proto.BarrierMark.newBuilder()
                  .setBarrier(r.barrier().toString())
                  .setSourcePosition(IdCodec.toMessage(r.position()))
                  .setContext(clock.toMessage(r.context())));
      case UpstreamRecord.SpillMark r ->
          item.setSpillMark(
              io.spokewire.proto.SpillMark.newBuilder()
                  .setSourcePosition(IdCodec.toMessage(r.position())));
    }
    return item.build();
  }

  public Item ofMessage(UpstreamItem item) {
    WireChecks.noUnknownFields(item);
    Epoch epoch = IdCodec.epoch(item.getEpoch(), "UpstreamItem.epoch");
    UpstreamRecord record =
        switch (item.getItemCase()) {
          case TRANSACTION ->
              new UpstreamRecord.Committed(transaction(epoch, item.getTransaction()));
          case CHUNK -> new UpstreamRecord.Chunk(chunk(epoch, item.getChunk()));
          case SCHEMA -> new UpstreamRecord.Shape(TableCodec.ofMessage(item.getSchema()));
          case CONTEXT_MARK -> contextMark(item.getContextMark());
          case BARRIER_MARK -> barrierMark(item.getBarrierMark());
          case SPILL_MARK -> spillMark(item.getSpillMark());
          case ITEM_NOT_SET -> throw WireChecks.absent("UpstreamItem.item");
        };
    return new Item(epoch, record);
  }

  private io.spokewire.proto.Transaction toMessage(Epoch epoch, Transaction transaction) {
    checkWriter(epoch, transaction.writer());
    return io.spokewire.proto.Transaction.newBuilder()
        .setSequence(transaction.sequence().number())
        .setSourcePosition(IdCodec.toMessage(transaction.sourcePosition()))
        .setTime(ClockCodec.toMessage(transaction.time()))
        .setContext(clock.toMessage(transaction.context()))
        .setHash(IdCodec.toMessage(transaction.hash()))
        .setRows(RowCodec.toMessage(transaction.rows()))
        .setStagedChunks(transaction.stagedChunks())
        .build();
  }

  private io.spokewire.proto.TransactionChunk toMessage(Epoch epoch, TransactionChunk chunk) {
    checkWriter(epoch, chunk.writer());
    return io.spokewire.proto.TransactionChunk.newBuilder()
        .setSequence(chunk.sequence().number())
        .setIndex(chunk.index())
        .setRows(RowCodec.toMessage(chunk.rows()))
        .build();
  }

  private Transaction transaction(Epoch epoch, io.spokewire.proto.Transaction message) {
    WireChecks.noUnknownFields(message);
    WireChecks.present(message.hasTime(), "Transaction.time");
    WireChecks.present(message.hasContext(), "Transaction.context");
    WireChecks.present(message.hasRows(), "Transaction.rows");
    WireChecks.present(!message.getHash().isEmpty(), "Transaction.hash");
    return new Transaction(
        writer(epoch),
        sequence(message.getSequence(), "Transaction.sequence"),
        position(message.getSourcePosition(), "Transaction.source_position"),
        ClockCodec.ofMessage(message.getTime()),
        clock.ofMessage(message.getContext()),
        IdCodec.chainHash(message.getHash(), "Transaction.hash"),
        RowCodec.ofMessage(message.getRows()),
        count(message.getStagedChunks(), "Transaction.staged_chunks"));
  }

  private TransactionChunk chunk(Epoch epoch, io.spokewire.proto.TransactionChunk message) {
    WireChecks.noUnknownFields(message);
    WireChecks.present(message.hasRows(), "TransactionChunk.rows");
    return new TransactionChunk(
        writer(epoch),
        sequence(message.getSequence(), "TransactionChunk.sequence"),
        count(message.getIndex(), "TransactionChunk.index"),
        RowCodec.ofMessage(message.getRows()));
  }

  private UpstreamRecord contextMark(io.spokewire.proto.ContextMark message) {
    WireChecks.noUnknownFields(message);
    return new UpstreamRecord.ContextMark(
        position(message.getSourcePosition(), "ContextMark.source_position"),
        context(message.hasContext(), message.getContext(), "ContextMark.context"));
  }

  private UpstreamRecord barrierMark(io.spokewire.proto.BarrierMark message) {
    WireChecks.noUnknownFields(message);
    return new UpstreamRecord.BarrierMark(
        IdCodec.barrier(message.getBarrier(), "BarrierMark.barrier"),
        position(message.getSourcePosition(), "BarrierMark.source_position"),
        context(message.hasContext(), message.getContext(), "BarrierMark.context"));
  }

  private static UpstreamRecord spillMark(io.spokewire.proto.SpillMark message) {
    WireChecks.noUnknownFields(message);
    return new UpstreamRecord.SpillMark(
        position(message.getSourcePosition(), "SpillMark.source_position"));
  }

  private Context context(boolean present, io.spokewire.proto.Context message, String field) {
    WireChecks.present(present, field);
    return clock.ofMessage(message);
  }

  private Writer writer(Epoch epoch) {
    return new Writer(spoke, epoch, channel);
  }

  private void checkWriter(Epoch epoch, Writer writer) {
    if (!writer.equals(writer(epoch))) {
      throw new IllegalArgumentException("record of " + writer + ", not of " + writer(epoch));
    }
  }

  private static SourcePosition position(ByteString token, String field) {
    WireChecks.present(!token.isEmpty(), field);
    return IdCodec.sourcePosition(token, field);
  }

  private static Sequence sequence(long number, String field) {
    WireChecks.present(number != 0, field);
    return IdCodec.sequence(number, field);
  }

  private static int count(int value, String field) {
    if (value < 0) {
      throw WireChecks.malformed(field, Integer.toUnsignedString(value));
    }
    return value;
  }
}
