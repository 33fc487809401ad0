package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.OpenTransaction;
import io.spokewire.agent.capture.ReadyEvents;
import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.SourcePosition;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages together into transactions and gives those that committed, in commit order.
 * Streamed transactions in progress lie beside each other until their commit or abort. Not
 * thread-safe.
 */
final class TransactionAssembler implements AutoCloseable {
  private final RelationPlans plans;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final SpoolDirectory spools;
  private final RowEncoder encoder = new RowEncoder();

  private final Map<Integer, RelationPlan> relations = new HashMap<>();
  private final Map<Integer, Streamed> streamed = new HashMap<>();
  private final ReadyEvents ready = new ReadyEvents();

  /** For transactions that come whole; used again and again. */
  private final OpenTransaction whole;

  /** The transaction that the messages now belong to. */
  private @Nullable OpenTransaction current;

  /** The one of the stream block that is open. */
  private @Nullable Streamed block;

  private int lastSubxid;
  private long lastLsn;

  /**
   * @param isNew whether a marker's positions are not applied yet at this place of the log; a
   *     marker that is not new is a copy, and the transaction around it a user's own
   * @param start where reading begins
   */
  TransactionAssembler(
      RelationPlans plans,
      MarkerSeal seal,
      Predicate<AppliedMarker> isNew,
      SpoolDirectory spools,
      long start) {
    this.plans = plans;
    this.seal = seal;
    this.isNew = isNew;
    this.spools = spools;
    this.whole = new OpenTransaction(new RowSpool(spools));
    this.lastLsn = start;
  }

  /** The next event, or null if more messages are needed. */
  @Nullable Captured poll() {
    return ready.poll();
  }

  /** Whether no message of a transaction is awaited right now. */
  boolean isBetweenTransactions() {
    return current == null;
  }

  /** Whether row messages may be left undecoded: they are rows that we applied. */
  boolean dropsRows() {
    OpenTransaction open = current;
    return open != null && open.marker() != null;
  }

  /** The end of the last commit that was met; everything up to there is given or ready. */
  long lastLsn() {
    return lastLsn;
  }

  void accept(PgOutputMessage message) {
    switch (message) {
      case PgOutputMessage.Insert m -> insert(m);
      case PgOutputMessage.Update m -> update(m);
      case PgOutputMessage.Delete m -> delete(m);
      case PgOutputMessage.Begin m -> begin();
      case PgOutputMessage.Commit m -> {
        finish(open(), m.endLsn(), m.commitMicros());
        whole.clear();
        current = null;
      }
      case PgOutputMessage.Relation m -> relation(m);
      case PgOutputMessage.Truncate m -> truncate(m);
      case PgOutputMessage.LogicalMessage m -> logicalMessage(m);
      case PgOutputMessage.StreamStart m -> streamStart(m);
      case PgOutputMessage.StreamStop m -> {
        current = null;
        block = null;
      }
      case PgOutputMessage.StreamCommit m -> streamCommit(m);
      case PgOutputMessage.StreamAbort m -> streamAbort(m);
      case PgOutputMessage.Origin m -> {
        // Where a transaction came from does not matter: only our own mark makes it ours.
      }
      case PgOutputMessage.Type m -> {
        // The catalogue knows the type by its number.
      }
    }
  }

  private void begin() {
    if (current != null) {
      throw new MalformedBytesException("a transaction inside a transaction");
    }
    current = whole;
  }

  private void insert(PgOutputMessage.Insert m) {
    OpenTransaction open = enter(m.xid());
    RelationPlan plan = plan(m.relation());
    TableSchema schema = plan.schema();
    if (schema != null && open.marker() == null) {
      open.uses(schema);
      encoder.insert(plan, schema, m.row(), open.spool().writer());
      open.spool().rowDone();
    }
  }

  private void update(PgOutputMessage.Update m) {
    OpenTransaction open = enter(m.xid());
    RelationPlan plan = plan(m.relation());
    TableSchema schema = plan.schema();
    if (schema != null && open.marker() == null) {
      open.uses(schema);
      encoder.update(plan, schema, m, open.spool().writer());
      open.spool().rowDone();
    }
  }

  private void delete(PgOutputMessage.Delete m) {
    OpenTransaction open = enter(m.xid());
    RelationPlan plan = plan(m.relation());
    TableSchema schema = plan.schema();
    if (schema != null && open.marker() == null) {
      open.uses(schema);
      encoder.delete(plan, schema, m, open.spool().writer());
      open.spool().rowDone();
    }
  }

  private void truncate(PgOutputMessage.Truncate m) {
    OpenTransaction open = enter(m.xid());
    for (int relation : m.relations()) {
      TableSchema schema = plan(relation).schema();
      if (schema != null && open.marker() == null) {
        open.uses(schema);
        open.spool().writer().put(new RowChange.Truncate(schema.id()));
        open.spool().rowDone();
      }
    }
  }

  private void relation(PgOutputMessage.Relation m) {
    RelationPlan plan = plans.planFor(m);
    // Inside a stream block the shape is the transaction's own until it commits.
    (block == null ? relations : block.relations).put(m.id(), plan);
  }

  private void logicalMessage(PgOutputMessage.LogicalMessage m) {
    if (!m.transactional()) {
      return;
    }
    OpenTransaction open = enter(m.xid());
    if (!m.prefix().equals(MarkerSeal.PREFIX)) {
      return;
    }
    // We write it first and outside every subtransaction; the log does not say which one a
    // streamed message belongs to.
    seal.open(m.content()).ifPresent(mark -> open.marked(mark, isNew));
  }

  private void streamStart(PgOutputMessage.StreamStart m) {
    begin();
    Streamed open = streamed.get(m.xid());
    if (m.first() || open == null) {
      if (open != null) {
        open.transaction.close();
      }
      open = new Streamed(m.xid(), spools);
      streamed.put(m.xid(), open);
    }
    current = open.transaction;
    block = open;
    lastSubxid = m.xid();
  }

  private void streamCommit(PgOutputMessage.StreamCommit m) {
    Streamed open = streamed.remove(m.xid());
    if (open == null) {
      lastLsn = m.endLsn();
      return;
    }
    relations.putAll(open.relations);
    finish(open.transaction, m.endLsn(), m.commitMicros());
    open.transaction.close();
  }

  private void streamAbort(PgOutputMessage.StreamAbort m) {
    if (m.xid() == m.subxid()) {
      Streamed open = streamed.remove(m.xid());
      if (open != null) {
        open.transaction.close();
      }
    } else {
      Streamed open = streamed.get(m.xid());
      if (open != null) {
        open.parts.abort(m.subxid());
      }
    }
  }

  private void finish(OpenTransaction open, long endLsn, long commitMicros) {
    SourcePosition before = lastLsn == 0 ? SourcePosition.NONE : Lsn.toPosition(lastLsn);
    ready.add(open, before, Lsn.toPosition(endLsn), commitMicros);
    lastLsn = endLsn;
  }

  private OpenTransaction open() {
    OpenTransaction open = current;
    if (open == null) {
      throw new MalformedBytesException("a change outside a transaction");
    }
    return open;
  }

  /** The transaction of a message, told of the subtransaction it is in. */
  private OpenTransaction enter(int xid) {
    OpenTransaction open = open();
    if (block != null && xid != lastSubxid) {
      lastSubxid = xid;
      if (xid != block.xid) {
        block.parts.enter(xid);
      }
    }
    return open;
  }

  private RelationPlan plan(int relation) {
    RelationPlan plan = block == null ? null : block.relations.get(relation);
    if (plan == null) {
      plan = relations.get(relation);
    }
    if (plan == null) {
      throw new MalformedBytesException("a row of a relation that was not described");
    }
    return plan;
  }

  /** Frees what lies in the spool; rows that were given stay with their taker. */
  @Override
  public void close() {
    whole.close();
    streamed.values().forEach(each -> each.transaction.close());
    streamed.clear();
    ready.close();
  }

  /** A transaction that is streamed while it is in progress. */
  private static final class Streamed {
    final int xid;
    final OpenTransaction transaction;
    final Subtransactions parts;

    /** As described inside this transaction; others may not use them before it commits. */
    final Map<Integer, RelationPlan> relations = new HashMap<>();

    Streamed(int xid, SpoolDirectory spools) {
      this.xid = xid;
      this.transaction = new OpenTransaction(new RowSpool(spools));
      this.parts = new Subtransactions(transaction.spool());
    }
  }
}
