package io.spokewire.common.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Sequence;
import io.spokewire.proto.Transaction;
import io.spokewire.proto.TransactionChunk;
import io.spokewire.proto.UpstreamItem;
import java.io.IOException;

/**
 * What an encoded item is, read from its first few bytes: enough to decide whether to send it.
 *
 * @param epoch the writer's epoch
 * @param kind what it is
 * @param sequence of a transaction or chunk; else {@link Sequence#NONE}
 */
public record UpstreamHeader(Epoch epoch, Kind kind, Sequence sequence) {

  /** The kinds of an item. */
  public enum Kind {
    TRANSACTION,
    CHUNK,
    SHAPE,
    CONTEXT_MARK,
    BARRIER_MARK,
    SPILL_MARK
  }

  /**
   * Reads the header of an item that {@link UpstreamCodec#encode} made; the rest is not looked at.
   *
   * @throws io.spokewire.common.fault.Fault if it does not begin as such an item does
   */
  public static UpstreamHeader of(Bytes item) {
    try {
      CodedInputStream in =
          CodedInputStream.newInstance(item.backingArray(), item.backingOffset(), item.length());
      int number = 0;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) != UpstreamItem.EPOCH_FIELD_NUMBER) {
          Kind kind = kind(WireFormat.getTagFieldNumber(tag));
          return new UpstreamHeader(
              IdCodec.epoch(number, "UpstreamItem.epoch"), kind, sequence(kind, in));
        }
        number = in.readUInt32();
      }
    } catch (IOException e) {
      throw WireChecks.malformed("UpstreamItem", new IllegalArgumentException(e));
    }
    throw WireChecks.absent("UpstreamItem.item");
  }

  private static Kind kind(int field) {
    return switch (field) {
      case UpstreamItem.TRANSACTION_FIELD_NUMBER -> Kind.TRANSACTION;
      case UpstreamItem.CHUNK_FIELD_NUMBER -> Kind.CHUNK;
      case UpstreamItem.SCHEMA_FIELD_NUMBER -> Kind.SHAPE;
      case UpstreamItem.CONTEXT_MARK_FIELD_NUMBER -> Kind.CONTEXT_MARK;
      case UpstreamItem.BARRIER_MARK_FIELD_NUMBER -> Kind.BARRIER_MARK;
      case UpstreamItem.SPILL_MARK_FIELD_NUMBER -> Kind.SPILL_MARK;
      default -> throw WireChecks.newerPeer("UpstreamItem has the unknown field " + field);
    };
  }

  private static Sequence sequence(Kind kind, CodedInputStream in) throws IOException {
    if (kind != Kind.TRANSACTION && kind != Kind.CHUNK) {
      return Sequence.NONE;
    }
    // Number 1 in both, so the first field after the length.
    assert Transaction.SEQUENCE_FIELD_NUMBER == TransactionChunk.SEQUENCE_FIELD_NUMBER;
    in.readRawVarint32();
    int tag = in.readTag();
    if (WireFormat.getTagFieldNumber(tag) != Transaction.SEQUENCE_FIELD_NUMBER) {
      throw WireChecks.absent("Transaction.sequence");
    }
    return IdCodec.sequence(in.readUInt64(), "Transaction.sequence");
  }
}
