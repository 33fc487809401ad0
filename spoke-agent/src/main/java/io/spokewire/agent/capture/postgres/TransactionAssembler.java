package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.Mark;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.common.bytes.MalformedBytesException;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.SourcePosition;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
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
  private final Map<Integer, OpenTransaction> streamed = new HashMap<>();
  private final Set<SchemaId> announced = new HashSet<>();
  private final Queue<Captured> ready = new ArrayDeque<>();

  /** For transactions that come whole; used again and again. */
  private final OpenTransaction whole;

  /** The transaction that the messages now belong to. */
  private @Nullable OpenTransaction current;

  /** Of the stream block that is open, or 0. */
  private int streamXid;

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
        streamXid = 0;
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
    (streamXid == 0 ? relations : open().relations()).put(m.id(), plan);
  }

  private void logicalMessage(PgOutputMessage.LogicalMessage m) {
    if (!m.transactional()) {
      return;
    }
    OpenTransaction open = enter(m.xid());
    if (!m.prefix().equals(MarkerSeal.PREFIX)) {
      return;
    }
    Optional<Mark> mark = seal.open(m.content());
    if (mark.isEmpty()) {
      return;
    }
    switch (mark.get()) {
      case Mark.Applied applied -> {
        if (isNew.test(applied.marker())) {
          open.marked(applied.marker());
        }
      }
      case Mark.Barrier barrier -> open.marked(barrier.barrier());
    }
  }

  private void streamStart(PgOutputMessage.StreamStart m) {
    begin();
    OpenTransaction open = streamed.get(m.xid());
    if (m.first() || open == null) {
      if (open != null) {
        open.close();
      }
      open = new OpenTransaction(new RowSpool(spools));
      streamed.put(m.xid(), open);
    }
    current = open;
    streamXid = m.xid();
    lastSubxid = m.xid();
  }

  private void streamCommit(PgOutputMessage.StreamCommit m) {
    OpenTransaction open = streamed.remove(m.xid());
    if (open == null) {
      lastLsn = m.endLsn();
      return;
    }
    relations.putAll(open.relations());
    finish(open, m.endLsn(), m.commitMicros());
    open.close();
  }

  private void streamAbort(PgOutputMessage.StreamAbort m) {
    if (m.xid() == m.subxid()) {
      OpenTransaction open = streamed.remove(m.xid());
      if (open != null) {
        open.close();
      }
    } else {
      OpenTransaction open = streamed.get(m.xid());
      if (open != null) {
        open.abort(m.subxid());
      }
    }
  }

  private void finish(OpenTransaction open, long endLsn, long commitMicros) {
    SourcePosition position = Lsn.toPosition(endLsn);
    AppliedMarker marker = open.marker();
    BarrierId barrier = open.barrier();
    if (marker != null) {
      ready.add(new Captured.Applied(position, marker));
    } else if (!open.spool().isEmpty()) {
      for (TableSchema schema : open.shapes()) {
        if (announced.add(schema.id())) {
          SourcePosition before = lastLsn == 0 ? SourcePosition.NONE : Lsn.toPosition(lastLsn);
          ready.add(new Captured.Shape(before, schema));
        }
      }
      ready.add(new Captured.Local(position, commitMicros, open.spool().take()));
    } else if (barrier != null) {
      ready.add(new Captured.Barrier(position, barrier));
    }
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
    if (xid != lastSubxid && streamXid != 0) {
      lastSubxid = xid;
      if (xid != streamXid) {
        open.enter(xid);
      }
    }
    return open;
  }

  private RelationPlan plan(int relation) {
    RelationPlan plan = streamXid == 0 ? null : open().relations().get(relation);
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
    streamed.values().forEach(OpenTransaction::close);
    streamed.clear();
    for (Captured event = ready.poll(); event != null; event = ready.poll()) {
      if (event instanceof Captured.Local local) {
        local.rows().close();
      }
    }
  }
}
