package io.spokewire.hub.pipeline;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowHeads;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.TransactionChunk;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.RowResolution;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.observe.FlowMeter;
import io.spokewire.hub.resolve.Crossings;
import io.spokewire.hub.resolve.Resolver;
import io.spokewire.hub.resolve.Resolver.Resolution;
import io.spokewire.hub.stream.Refusal;
import io.spokewire.hub.stream.Request;
import io.spokewire.hub.topology.Spoke;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each record of an upstream batch its place: checks it against what the writer sent before,
 * has its rows resolved, and adds the outcome to the group. Owned by the sequencing loop.
 */
final class Sequencer {
  private static final Logger LOG = LoggerFactory.getLogger(Sequencer.class);

  private final HubStore store;
  private final ChannelState state;
  private final PlanBook plans;
  private final Barriers barriers;
  private final FlowMeter meter;
  private final TimeSource time;
  private final Duration maxSkew;
  private final ClockWatch clocks;
  private final HubWriter hub;

  Sequencer(
      HubStore store,
      ChannelState state,
      PlanBook plans,
      Barriers barriers,
      FlowMeter meter,
      TimeSource time,
      Duration maxSkew,
      ClockWatch clocks,
      HubWriter hub) {
    this.store = store;
    this.state = state;
    this.plans = plans;
    this.barriers = barriers;
    this.meter = meter;
    this.time = time;
    this.maxSkew = maxSkew;
    this.clocks = clocks;
    this.hub = hub;
  }

  /** Why a batch can't go on; everything before the record it is about has its place. */
  record Refused(Refusal refusal, boolean fork) {}

  /**
   * Takes a batch of a live spoke.
   *
   * @return null when all of it was taken
   */
  @Nullable Refused take(Spoke spoke, Request.Upstream batch, Group group) {
    WriterDesk desk = state.desk(spoke);
    for (UpstreamRecord received : batch.records()) {
      Refused refused =
          switch (received) {
            case UpstreamRecord.Committed r -> take(spoke, desk, r.transaction(), group);
            case UpstreamRecord.Chunk r -> stage(desk, r.chunk());
            case UpstreamRecord.Shape r -> announce(spoke, r.schema(), group);
            case UpstreamRecord.ContextMark r -> mark(spoke, desk, r, group);
            case UpstreamRecord.BarrierMark r -> mark(spoke, desk, r, group);
            case UpstreamRecord.SpillMark r ->
                refused(Refusal.of(Refusal.MALFORMED, "a spill mark in a batch", ""));
          };
      if (refused != null) {
        return refused;
      }
    }
    return null;
  }

  private @Nullable Refused take(
      Spoke spoke, WriterDesk desk, Transaction transaction, Group group) {
    return switch (desk.judge(transaction, state.head())) {
      case WriterDesk.Verdict.Refused v -> new Refused(v.refusal(), v.fork());
      case WriterDesk.Verdict.Known v -> {
        group.acknowledge(spoke.id());
        yield null;
      }
      case WriterDesk.Verdict.Fresh v -> {
        if (!hashOf(desk, transaction).equals(transaction.hash())) {
          yield new Refused(
              Refusal.of(
                  Refusal.FENCED,
                  "the hash chain of "
                      + desk.state().writer()
                      + " breaks at "
                      + transaction.sequence()
                      + ": two copies of this agent?",
                  Refusal.START_ANEW),
              true);
        }
        Transaction clamped = clamp(desk, transaction);
        if (state.hasFromEarlierLife(spoke, transaction)) {
          group.known(spoke.id(), transaction.sequence());
        } else {
          resolve(clamped, group);
        }
        desk.accept(clamped, clamped.time());
        group.acknowledge(spoke.id());
        yield null;
      }
    };
  }

  private ChainHash hashOf(WriterDesk desk, Transaction transaction) {
    ChainHash.Link link = desk.state().hash().link(transaction.sourcePosition());
    for (int i = 0; i < transaction.stagedChunks(); i++) {
      link.add(chunk(transaction, i).bytes());
    }
    return link.add(transaction.rows().bytes()).close();
  }

  /** A time ahead of our clock by more than the skew allowed would win against everybody. */
  private Transaction clamp(WriterDesk desk, Transaction t) {
    long now = time.epochMicros();
    long limit = now + maxSkew.toNanos() / 1000;
    if (t.time().micros() <= limit) {
      return t;
    }
    clocks.cut(t.writer().spoke(), t.time().micros() - now);
    HybridTime clamped = desk.state().time().tick(limit);
    return new Transaction(
        t.writer(),
        t.sequence(),
        t.sourcePosition(),
        clamped,
        t.context(),
        t.hash(),
        t.rows(),
        t.stagedChunks());
  }

  private void resolve(Transaction transaction, Group group) {
    Resolver resolver = state.resolver();
    List<Crossings> before =
        resolver.looksAcrossRows(false)
            ? eachBlock(transaction, r -> resolver.crossingsBefore(transaction, group.next(), r))
            : List.of();
    before.forEach(crossings -> hub.write(crossings.writes(), group));

    Position position = group.next();
    List<ConflictRecord> conflicts = new ArrayList<>();
    boolean changesKeys = false;
    for (int i = 0; i < transaction.stagedChunks(); i++) {
      RowBlock rows = chunk(transaction, i);
      Resolution part = resolver.resolve(transaction, position, rows);
      store.stagePart(new LogEntry.OutcomePart(position, i, rows, part.resolutions()));
      conflicts.addAll(part.conflicts());
      changesKeys |= part.changesKeys();
      meter.logged(rows);
      sayWithheld(transaction, position, rows, part);
      group.rows(rows.rows());
    }
    Resolution last = resolver.resolve(transaction, position, transaction.rows());
    conflicts.addAll(last.conflicts());
    sayWithheld(transaction, position, transaction.rows(), last);
    List<Crossings> after =
        resolver.looksAcrossRows(changesKeys || last.changesKeys())
            ? eachBlock(transaction, rows -> resolver.crossingsAfter(transaction, position, rows))
            : List.of();

    List<ConflictRecord> all = new ArrayList<>(ConflictRecord.onePerField(conflicts));
    before.forEach(crossings -> all.addAll(crossings.conflicts(transaction, position)));
    after.forEach(crossings -> all.addAll(crossings.conflicts(transaction, position)));
    group.add(new LogEntry.Outcome(position, transaction, last.resolutions(), all));
    after.forEach(crossings -> hub.write(crossings.writes(), group));
  }

  /** Where the rows of a transaction collide with others, block after block. */
  private List<Crossings> eachBlock(Transaction transaction, Function<RowBlock, Crossings> look) {
    List<Crossings> found = new ArrayList<>();
    for (int i = 0; i < transaction.stagedChunks(); i++) {
      found.add(look.apply(chunk(transaction, i)));
    }
    found.add(look.apply(transaction.rows()));
    return found;
  }

  /** No other site follows a TRUNCATE of a table without a key: from here on their rows differ. */
  private void sayWithheld(
      Transaction transaction, Position position, RowBlock rows, Resolution resolution) {
    for (RowResolution of : resolution.resolutions()) {
      if (of.isWithheld()) {
        TableName table = tableOfRow(rows, of.row());
        meter.error(table, "truncate");
        LOG.warn(
            "TRUNCATE of a table without a key is not applied at other sites: table={} spoke={}"
                + " position={}",
            table,
            transaction.writer().spoke(),
            position);
      }
    }
  }

  private TableName tableOfRow(RowBlock rows, int index) {
    RowHeads heads = new RowHeads(rows);
    for (int i = 0; i <= index; i++) {
      heads.next();
    }
    return state.tableOf(heads.schema());
  }

  private RowBlock chunk(Transaction transaction, int index) {
    return store.staged(transaction.writer(), transaction.sequence(), index);
  }

  private @Nullable Refused stage(WriterDesk desk, TransactionChunk chunk) {
    Refusal refusal = desk.judge(chunk);
    if (refusal != null) {
      return refused(refusal);
    }
    if (!desk.isKnown(chunk)) {
      store.stage(chunk.writer(), chunk.sequence(), chunk.index(), chunk.rows());
    }
    return null;
  }

  private @Nullable Refused announce(Spoke spoke, TableSchema schema, Group group) {
    if (state.isStored(schema.id())) {
      return null;
    }
    if (!plans.everNamed(schema.table())) {
      return refused(
          Refusal.of("not_in_plan", "table " + schema.table() + " is in no plan", "report this"));
    }
    state.stored(schema);
    group.add(schema);
    group.add(new LogEntry.SchemaChange(group.next(), spoke.id(), schema));
    return null;
  }

  private @Nullable Refused mark(
      Spoke spoke, WriterDesk desk, UpstreamRecord.ContextMark mark, Group group) {
    if (desk.isOlder(mark.position(), mark.context())) {
      return null;
    }
    Refusal refusal = desk.judge(mark.context(), state.head());
    if (refusal != null) {
      return refused(refusal);
    }
    desk.accept(mark.position(), mark.context());
    group.acknowledge(spoke.id());
    return null;
  }

  private @Nullable Refused mark(
      Spoke spoke, WriterDesk desk, UpstreamRecord.BarrierMark mark, Group group) {
    if (desk.isOlder(mark.position(), mark.context())) {
      barriers.marked(mark.barrier(), spoke.id());
      return null;
    }
    Refusal refusal = desk.judge(mark.context(), state.head());
    if (refusal != null) {
      return refused(refusal);
    }
    desk.accept(mark.position(), mark.context());
    group.acknowledge(spoke.id());
    barriers.marked(mark.barrier(), spoke.id());
    return null;
  }

  private static Refused refused(Refusal refusal) {
    return new Refused(refusal, false);
  }
}
