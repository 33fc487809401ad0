package io.spokewire.common.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.TransactionChunk;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.BarrierId;
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
import io.spokewire.proto.UpstreamItem;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UpstreamCodecTest {
  private static final SpokeId LISBON = new SpokeId("lisbon");
  private static final LogIncarnation LOG = new LogIncarnation(new UUID(1, 2));
  private static final Epoch EPOCH = new Epoch(3);
  private static final Writer WRITER = new Writer(LISBON, EPOCH, ChannelId.MAIN);
  private static final SourcePosition PLACE = new SourcePosition(Bytes.fromHex("00000000016b3748"));
  private static final TableSchema ORDERS =
      TableSchema.of(
          new TableName("orders"),
          List.of(
              new Column("id", LogicalType.INTEGER, "bigint", false),
              new Column("status", LogicalType.TEXT, "character varying(20)", true)),
          List.of(0));
  private static final Context CONTEXT =
      new Context(
          new Position(LOG, ChannelId.MAIN, 40),
          new long[] {42, 47},
          List.of(
              new Context.Unseen(new TableName("orders"), Bytes.fromHex("030137"), 12),
              new Context.Unseen(
                  new TableName("orders"), Bytes.fromHex("030138"), "Prix \u20ac", 9),
              new Context.Unseen(new TableName("lines"), null, 7)));

  private final UpstreamCodec codec = new UpstreamCodec(LISBON, LOG, ChannelId.MAIN);

  static Stream<UpstreamRecord> everyKindOfRecord() {
    return Stream.of(
        new UpstreamRecord.Committed(transaction(rows(3), CONTEXT, 2)),
        new UpstreamRecord.Committed(
            transaction(
                RowBlock.EMPTY, Context.through(Position.beginning(LOG, ChannelId.MAIN)), 0)),
        new UpstreamRecord.Chunk(new TransactionChunk(WRITER, new Sequence(9), 1, rows(2))),
        new UpstreamRecord.Shape(ORDERS),
        new UpstreamRecord.ContextMark(PLACE, CONTEXT),
        new UpstreamRecord.BarrierMark(new BarrierId(new UUID(5, 6)), PLACE, CONTEXT),
        new UpstreamRecord.SpillMark(PLACE));
  }

  @ParameterizedTest
  @MethodSource("everyKindOfRecord")
  void everyKindOfRecordComesBackAsItWas(UpstreamRecord record) {
    assertThat(codec.decode(codec.encode(EPOCH, record)))
        .isEqualTo(new UpstreamCodec.Item(EPOCH, record));
  }

  @ParameterizedTest
  @MethodSource("everyKindOfRecord")
  void aFieldThatIsNotKnownIsRefused(UpstreamRecord record) throws Exception {
    UpstreamItem newer =
        codec.toMessage(EPOCH, record).toBuilder().setUnknownFields(unknownField()).build();
    assertThatThrownBy(() -> codec.decode(Bytes.wrap(newer.toByteArray())))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("UpstreamItem has unknown fields [99]")
        .hasMessageContaining("newer peer?");
  }

  @ParameterizedTest
  @MethodSource("everyKindOfRecord")
  void anItemCutShortAnywhereIsRefused(UpstreamRecord record) {
    Bytes whole = codec.encode(EPOCH, record);
    for (int length = 0; length < whole.length(); length++) {
      Bytes part = whole.slice(0, length);
      assertThatThrownBy(() -> codec.decode(part)).isInstanceOf(Fault.class);
    }
  }

  @ParameterizedTest
  @MethodSource("everyKindOfRecord")
  void theHeaderSaysWhatAnItemIs(UpstreamRecord record) {
    Sequence nine = new Sequence(9);
    UpstreamHeader expected =
        switch (record) {
          case UpstreamRecord.Committed r -> header(UpstreamHeader.Kind.TRANSACTION, nine);
          case UpstreamRecord.Chunk r -> header(UpstreamHeader.Kind.CHUNK, nine);
          case UpstreamRecord.Shape r -> header(UpstreamHeader.Kind.SHAPE, Sequence.NONE);
          case UpstreamRecord.ContextMark r ->
              header(UpstreamHeader.Kind.CONTEXT_MARK, Sequence.NONE);
          case UpstreamRecord.BarrierMark r ->
              header(UpstreamHeader.Kind.BARRIER_MARK, Sequence.NONE);
          case UpstreamRecord.SpillMark r -> header(UpstreamHeader.Kind.SPILL_MARK, Sequence.NONE);
        };
    assertThat(UpstreamHeader.of(codec.encode(EPOCH, record))).isEqualTo(expected);
  }

  private static UpstreamHeader header(UpstreamHeader.Kind kind, Sequence sequence) {
    return new UpstreamHeader(EPOCH, kind, sequence);
  }

  @Test
  void itemsJoinIntoABatchByConcatenation() {
    List<UpstreamCodec.Item> items =
        everyKindOfRecord().map(r -> new UpstreamCodec.Item(EPOCH, r)).toList();
    UpstreamBatchWriter batch = new UpstreamBatchWriter();
    items.forEach(i -> batch.add(codec.encode(i.epoch(), i.record())));

    assertThat(codec.decodeBatch(batch.batch())).isEqualTo(items);
    assertThat(batch.items()).isEqualTo(items.size());

    batch.clear();
    assertThat(codec.decodeBatch(batch.batch())).isEmpty();
  }

  @Test
  void rowsShareTheReceivedArray() {
    Bytes encoded =
        codec.encode(EPOCH, new UpstreamRecord.Committed(transaction(rows(5), CONTEXT, 0)));
    UpstreamRecord.Committed decoded = (UpstreamRecord.Committed) codec.decode(encoded).record();
    assertThat(decoded.transaction().rows().bytes().backingArray())
        .isSameAs(encoded.backingArray());
  }

  @Test
  void anItemOfAnUnknownKindIsRefused() {
    Bytes item = Bytes.wrap(UpstreamItem.newBuilder().setEpoch(3).build().toByteArray());
    assertThatThrownBy(() -> codec.decode(item))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("UpstreamItem.item is absent or of an unknown kind")
        .hasMessageContaining("newer peer?");
  }

  @Test
  void absentAndImpossibleFieldsAreRefusedByName() {
    UpstreamItem good =
        codec.toMessage(EPOCH, new UpstreamRecord.Committed(transaction(rows(2), CONTEXT, 0)));
    refused(good, t -> t.clearTime(), "Transaction.time");
    refused(good, t -> t.clearContext(), "Transaction.context");
    refused(good, t -> t.clearRows(), "Transaction.rows");
    refused(good, t -> t.clearHash(), "Transaction.hash");
    refused(good, t -> t.setHash(ByteString.copyFromUtf8("short")), "Transaction.hash");
    refused(good, t -> t.clearSequence(), "Transaction.sequence");
    refused(good, t -> t.setSequence(-1), "Transaction.sequence");
    refused(good, t -> t.clearSourcePosition(), "Transaction.source_position");
    refused(good, t -> t.setStagedChunks(-1), "Transaction.staged_chunks");
    refused(good, t -> t.getRowsBuilder().setCount(3), "Rows.block");
    refused(good, t -> t.getContextBuilder().addAbove(41), "Context.above");
    refused(good, t -> t.getContextBuilder().setLow(-1), "Context.low");
    refused(good, t -> t.getContextBuilder().addUnseenBuilder().setLow(1), "Unseen.table");
    refused(good, t -> t.getTimeBuilder().setLogical(-1), "HybridTimestamp.logical");
    refused(good, t -> t.getRowsBuilder().setUnknownFields(unknownField()), "Rows has unknown");
    refused(good, t -> t.getContextBuilder().setUnknownFields(unknownField()), "Context has");
  }

  @Test
  void aRowOfAnUnknownKindIsRefused() {
    byte[] block = rows(1).bytes().toByteArray();
    block[1] = 9;
    UpstreamItem good =
        codec.toMessage(EPOCH, new UpstreamRecord.Committed(transaction(rows(1), CONTEXT, 0)));
    refused(good, t -> t.getRowsBuilder().setBlock(ByteString.copyFrom(block)), "kind 9");
  }

  @Test
  void aRecordOfAnotherWriterOrLogIsNotEncoded() {
    UpstreamRecord record = new UpstreamRecord.Committed(transaction(rows(1), CONTEXT, 0));
    assertThatThrownBy(() -> codec.encode(new Epoch(4), record))
        .isInstanceOf(IllegalArgumentException.class);
    UpstreamCodec elsewhere =
        new UpstreamCodec(LISBON, new LogIncarnation(new UUID(9, 9)), ChannelId.MAIN);
    assertThatThrownBy(() -> elsewhere.encode(EPOCH, record))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private interface Change {
    Object apply(io.spokewire.proto.Transaction.Builder transaction);
  }

  private void refused(UpstreamItem good, Change change, String field) {
    UpstreamItem.Builder bad = good.toBuilder();
    change.apply(bad.getTransactionBuilder());
    Bytes bytes = Bytes.wrap(bad.build().toByteArray());
    assertThatThrownBy(() -> codec.decode(bytes))
        .isInstanceOf(Fault.class)
        .hasMessageContaining(field);
  }

  private static UnknownFieldSet unknownField() {
    return UnknownFieldSet.newBuilder()
        .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
        .build();
  }

  private static Transaction transaction(RowBlock rows, Context context, int stagedChunks) {
    return new Transaction(
        WRITER,
        new Sequence(9),
        PLACE,
        new HybridTime(1_700_000_000_000_000L, 4),
        context,
        ChainHash.START.link(PLACE).add(rows.bytes()).close(),
        rows,
        stagedChunks);
  }

  private static RowBlock rows(int count) {
    RowBlockWriter writer = new RowBlockWriter();
    for (int i = 0; i < count; i++) {
      RowKey key = new RowKey(Bytes.fromHex("03013" + i));
      writer.put(
          new RowChange.Insert(ORDERS.id(), key, new Tuple(Bytes.fromHex("03013" + i + "00"))));
    }
    return writer.toBlock();
  }
}
