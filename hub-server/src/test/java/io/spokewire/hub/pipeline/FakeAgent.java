package io.spokewire.hub.pipeline;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.TransactionChunk;
import io.spokewire.common.change.UpstreamRecord;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.BarrierId;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Epoch;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.hub.stream.Hello;
import io.spokewire.hub.stream.Request;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.testing.Samples;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The other end of a session, and its outbox. */
final class FakeAgent {
  private final HubHarness hub;
  private final SpokeId spoke;
  private final List<UpstreamRecord.Committed> outbox = new ArrayList<>();
  RecordingSession session;
  long sessionNumber;
  long sequence;
  long seen;
  @Nullable Position checkpoint;
  Epoch epoch = Epoch.FIRST;
  int helloEpoch; // 0: it does not say
  private ChainHash hash = ChainHash.START;
  private List<TableDescription> tables = List.of(orders(true));
  private long clockBehindMicros;
  private String engine = "postgresql";

  FakeAgent(HubHarness hub, SpokeId spoke) {
    this.hub = hub;
    this.spoke = spoke;
    this.session = new RecordingSession(spoke);
  }

  /** Its database has these tables. */
  void tables(List<TableDescription> all) {
    tables = List.copyOf(all);
  }

  private static TableDescription orders(boolean empty) {
    return new TableDescription(Samples.ORDERS, List.of(), List.of(), true, empty);
  }

  /** Its database is of this engine. */
  FakeAgent engine(String label) {
    engine = label;
    return this;
  }

  /** In which types columns travel with it, as it was told. */
  AgreedTypes agreedTypes() {
    return session.plans.isEmpty()
        ? session.welcomes.getLast().plan().agreedTypes()
        : session.plans.getLast().agreedTypes();
  }

  /** The database's clock is this much behind from now on. */
  void clockBehind(long micros) {
    clockBehindMicros = micros;
  }

  /** Attaches, confirms, and reports an empty or a filled table. */
  FakeAgent attach(boolean empty) {
    hello();
    confirm();
    report(empty);
    return this;
  }

  FakeAgent hello() {
    session = new RecordingSession(spoke);
    hub.reception.take(
        new Request.Attach(
            session,
            new Hello(
                1,
                1,
                "1",
                engine,
                "18",
                "trigger",
                sessionNumber,
                helloEpoch,
                checkpoint,
                0,
                true,
                0)));
    hub.work();
    return this;
  }

  void confirm() {
    sessionNumber = session.welcomes.getLast().session();
    hub.reception.take(new Request.Confirm(session, sessionNumber));
    hub.work();
  }

  void report(boolean empty) {
    hub.reception.take(
        new Request.Tables(
            session,
            new TableReport(
                hub.planVersion(),
                empty ? tables : List.of(orders(false)),
                List.of(),
                agreedTypes())));
    hub.work();
  }

  /** Its tables are as before, but for what is said of some. */
  void reportProblems(TableReport.TableProblem... problems) {
    hub.reception.take(
        new Request.Tables(
            session, new TableReport(hub.planVersion(), tables, List.of(problems), agreedTypes())));
    hub.work();
  }

  /** Its database is as it was when it held this position and nothing after; it attaches. */
  void goBackTo(long position) {
    detach();
    checkpoint = Samples.at(position);
    seen = position;
    helloEpoch = epoch.number();
    hello().confirm();
    report(true);
  }

  /** Learns of the new epoch and begins its writer anew. */
  void beginNewLife() {
    detach();
    hello();
    epoch = session.welcomes.getLast().writer().writer().epoch();
    helloEpoch = epoch.number();
    detach();
    outbox.clear();
    sequence = 0;
    hash = ChainHash.START;
    hello().confirm();
    report(true);
  }

  void detach() {
    hub.reception.take(new Request.Detach(session));
    hub.work();
  }

  /** Commits in the spoke's database; sent at once. */
  UpstreamRecord.Committed commit(RowBlock rows) {
    UpstreamRecord.Committed committed = next(rows, List.of());
    send(committed);
    return committed;
  }

  UpstreamRecord.Committed next(RowBlock rows, List<RowBlock> chunks) {
    return next(Samples.source(sequence + 1), rows, chunks);
  }

  /** The same, committed at another place of the database's log. */
  UpstreamRecord.Committed next(SourcePosition at, RowBlock rows, List<RowBlock> chunks) {
    sequence++;
    ChainHash.Link link = hash.link(at);
    chunks.forEach(c -> link.add(c.bytes()));
    hash = link.add(rows.bytes()).close();
    UpstreamRecord.Committed committed =
        new UpstreamRecord.Committed(
            new Transaction(
                writer(),
                new Sequence(sequence),
                at,
                new HybridTime(hub.time.epochMicros() - clockBehindMicros, 0),
                Context.through(Samples.at(seen)),
                hash,
                rows,
                chunks.size()));
    outbox.add(committed);
    return committed;
  }

  UpstreamRecord.Chunk chunk(int index, RowBlock rows) {
    return new UpstreamRecord.Chunk(
        new TransactionChunk(writer(), new Sequence(sequence + 1), index, rows));
  }

  /** A part of the last transaction, once more. */
  UpstreamRecord.Chunk chunkAgain(int index, RowBlock rows) {
    return new UpstreamRecord.Chunk(
        new TransactionChunk(writer(), new Sequence(sequence), index, rows));
  }

  /** Without waking the hub. */
  void hand(UpstreamRecord... records) {
    List<UpstreamRecord> all = new ArrayList<>();
    tables.forEach(table -> all.add(new UpstreamRecord.Shape(table.schema())));
    all.addAll(List.of(records));
    hub.reception.take(new Request.Upstream(session, all, 100));
  }

  void send(UpstreamRecord... records) {
    hand(records);
    hub.work();
  }

  /** Sends again what the hub says it does not have. */
  void resend() {
    long last = session.welcomes.getLast().writer().last().number();
    send(
        outbox.stream()
            .filter(c -> c.transaction().sequence().number() > last)
            .toArray(UpstreamRecord[]::new));
  }

  void mark(BarrierId barrier) {
    send(
        new UpstreamRecord.BarrierMark(
            barrier, Samples.source(1000 + sequence), Context.through(Samples.at(seen))));
  }

  void seen(long position) {
    seen = position;
    send(
        new UpstreamRecord.ContextMark(
            Samples.source(2000 + position), Context.through(Samples.at(position))));
  }

  void applied(long position) {
    checkpoint = Samples.at(position);
    hub.reception.take(new Request.Applied(session, position, 0, 1, 0));
    hub.work();
  }

  /** Applies everything that came, and shows that it has seen it. */
  void applyAll() {
    long through = sentThrough();
    applied(through);
    seen(Math.max(seen, through));
  }

  /** How far the log is known here, on this session. */
  long sentThrough() {
    return session.batches.stream().mapToLong(b -> b.through()).max().orElse(0);
  }

  private Writer writer() {
    return new Writer(spoke, epoch, Samples.BEGINNING.channel());
  }
}
