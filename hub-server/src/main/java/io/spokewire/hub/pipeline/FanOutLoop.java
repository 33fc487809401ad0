package io.spokewire.hub.pipeline;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.Writer;
import io.spokewire.common.lifecycle.WorkLoop;
import io.spokewire.hub.entry.DeliveryBatch;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.SpokeDelivery;
import io.spokewire.hub.fanout.LogTail;
import io.spokewire.hub.fanout.Router;
import io.spokewire.hub.fanout.SpokeCursor;
import io.spokewire.hub.log.HubStore;
import io.spokewire.hub.stream.Refusal;
import io.spokewire.hub.stream.Session;
import io.spokewire.hub.topology.SpokeBoard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves durable entries from the log to the spokes: fan-out, then stream. Each spoke has its cursor
 * and window; one that is slow or away costs the others nothing. Recent entries come from memory,
 * older ones from the store.
 *
 * <p>One thread drives it. The methods that are told something may be called from any thread.
 */
public final class FanOutLoop implements WorkLoop {
  private static final Logger LOG = LoggerFactory.getLogger(FanOutLoop.class);
  private static final long QUIET_NANOS = 50_000_000; // between two messages that hold no entry
  private static final long GAUGE_NANOS = 250_000_000;
  private static final int ENTRY_BYTES = 100; // an estimate of what an entry costs besides rows

  private final HubStore store;
  private final LogTail tail;
  private final SchemaBook schemas;
  private final SpokeBoard board;
  private final TimeSource time;
  private final PipelineSettings settings;
  private final Bell bell;
  private final Router router = new Router();
  private final Queue<Signal> signals = new ConcurrentLinkedQueue<>();
  private final Map<SpokeId, Feed> feeds = new HashMap<>();
  private final Map<SpokeId, Standing> standings = new HashMap<>();
  private long lastGauge;

  /**
   * @param tail filled by the sequencer
   * @param schemas every shape that is durable
   * @param bell wakes this loop
   */
  public FanOutLoop(
      HubStore store,
      LogTail tail,
      SchemaBook schemas,
      SpokeBoard board,
      TimeSource time,
      PipelineSettings settings,
      Bell bell) {
    this.store = store;
    this.tail = tail;
    this.schemas = schemas;
    this.board = board;
    this.time = time;
    this.settings = settings;
    this.bell = bell;
  }

  private sealed interface Signal {
    record Expect(SpokeId spoke, long applied) implements Signal {}

    record Open(Session session, Writer receiver, long after, boolean paused) implements Signal {}

    record Pause(SpokeId spoke, CompletableFuture<Void> done) implements Signal {}

    record Resume(SpokeId spoke) implements Signal {}

    record Applied(Session session, long position) implements Signal {}

    record Known(Session session, long sequence, long head) implements Signal {}

    record Close(Session session) implements Signal {}

    record Forget(SpokeId spoke) implements Signal {}
  }

  /** One attached spoke that receives. */
  private static final class Feed {
    final Session session;
    final Writer receiver;
    final SpokeCursor cursor;
    boolean greeted; // the shapes known at the beginning were sent
    long announced; // the last `through` that was sent
    long lastQuietNanos;
    long ownSequence; // of its transactions in the log up to the cursor
    long knownSequence; // of those that the log has from an earlier life
    long knownBy; // the log's end when that was found out
    long answered; // what the spoke was told of both
    long reported; // what the spoke says it holds

    // Inside a staged outcome, or behind the tail, the store is read.
    HubStore.@Nullable EntryReader reader;
    @Nullable Transaction staged; // the outcome whose parts we are in
    int partsRead;
    int partsSent;

    Feed(Session session, Writer receiver, SpokeCursor cursor) {
      this.session = session;
      this.receiver = receiver;
      this.cursor = cursor;
      this.announced = cursor.applied();
    }

    /** Its last transaction that everything up to a position has taken into account. */
    long answeredBy(long through) {
      return through >= knownBy ? Math.max(ownSequence, knownSequence) : ownSequence;
    }

    boolean isInsideOutcome() {
      return staged != null;
    }

    void closeReader() {
      if (reader != null) {
        reader.close();
        reader = null;
      }
    }

    void leaveOutcome() {
      closeReader();
      staged = null;
      partsRead = 0;
      partsSent = 0;
    }
  }

  /** How far a spoke is, attached or not: for its lag. */
  private static final class Standing {
    long through; // everything up to here is applied or holds nothing for it
    long caughtUpMicros;

    Standing(long through, long nowMicros) {
      this.through = through;
      this.caughtUpMicros = nowMicros;
    }
  }

  // ---- told by others, from any thread

  /** A spoke that receives exists, and holds the log up to here; it may be away. */
  void expect(SpokeId spoke, long applied) {
    tell(new Signal.Expect(spoke, applied));
  }

  /** A spoke that receives is attached; it is served from the entry after {@code after}. */
  void open(Session session, Writer receiver, long after, boolean paused) {
    tell(new Signal.Open(session, receiver, after, paused));
  }

  /** Completes {@code done} once nothing is sent any more. */
  void pause(SpokeId spoke, CompletableFuture<Void> done) {
    tell(new Signal.Pause(spoke, done));
  }

  void resume(SpokeId spoke) {
    tell(new Signal.Resume(spoke));
  }

  void applied(Session session, long position) {
    tell(new Signal.Applied(session, position));
  }

  /**
   * The log has this transaction of the spoke from an earlier life of it, somewhere up to {@code
   * head}: no outcome of this life will answer it.
   */
  void known(Session session, long sequence, long head) {
    tell(new Signal.Known(session, sequence, head));
  }

  void close(Session session) {
    tell(new Signal.Close(session));
  }

  void forget(SpokeId spoke) {
    tell(new Signal.Forget(spoke));
  }

  /** A connection takes data again. */
  void ready() {
    bell.ring();
  }

  private void tell(Signal signal) {
    signals.add(signal);
    bell.ring();
  }

  // ---- driven by one thread

  @Override
  public String name() {
    return "fan-out";
  }

  @Override
  public int doWork() {
    int done = 0;
    for (Signal signal = signals.poll(); signal != null; signal = signals.poll()) {
      take(signal);
      done++;
    }
    Fault passing = null;
    for (Feed feed : List.copyOf(feeds.values())) {
      try {
        done += serve(feed);
      } catch (Fault fault) {
        // The others must not wait for it.
        if (fault.healsByItself()) {
          passing = fault;
        } else {
          giveUp(feed, fault);
        }
      }
    }
    gauge();
    if (passing != null) {
      throw passing;
    }
    return done;
  }

  @Override
  public void close() {
    feeds.values().forEach(Feed::closeReader);
    feeds.clear();
  }

  private void take(Signal signal) {
    switch (signal) {
      case Signal.Expect s -> standing(s.spoke(), s.applied());
      case Signal.Open s -> {
        SpokeId spoke = s.session().spoke();
        drop(feeds.get(spoke));
        SpokeCursor cursor = new SpokeCursor(s.after(), settings.window());
        if (s.paused()) {
          cursor.pause();
        }
        feeds.put(spoke, new Feed(s.session(), s.receiver(), cursor));
        Standing standing = standing(spoke, s.after());
        standing.through = s.after();
      }
      case Signal.Pause s -> {
        Feed feed = feeds.get(s.spoke());
        if (feed != null) {
          feed.leaveOutcome();
          believe(feed);
          feed.cursor.pause();
        }
        s.done().complete(null);
      }
      case Signal.Resume s -> {
        Feed feed = feeds.get(s.spoke());
        if (feed != null) {
          feed.cursor.resume();
        }
      }
      case Signal.Applied s -> {
        Feed feed = feeds.get(s.session().spoke());
        if (feed != null && feed.session == s.session()) {
          feed.reported = Math.max(feed.reported, s.position());
          believe(feed);
        }
      }
      case Signal.Known s -> {
        Feed feed = feeds.get(s.session().spoke());
        if (feed != null && feed.session == s.session()) {
          feed.knownSequence = s.sequence();
          feed.knownBy = s.head();
        }
      }
      case Signal.Close s -> {
        Feed feed = feeds.get(s.session().spoke());
        if (feed != null && feed.session == s.session()) {
          drop(feed);
        }
      }
      case Signal.Forget s -> {
        drop(feeds.get(s.spoke()));
        standings.remove(s.spoke());
      }
    }
  }

  /**
   * Takes what the spoke reported. What it says after a pause may be of what was sent before it,
   * and lie beyond what is being sent again: then we go on from there, but not in the middle of an
   * outcome.
   */
  private static void believe(Feed feed) {
    if (feed.isInsideOutcome() || feed.reported <= feed.cursor.applied()) {
      return;
    }
    long next = feed.cursor.next();
    feed.cursor.applied(feed.reported);
    if (feed.cursor.next() != next) {
      feed.closeReader();
    }
  }

  private void drop(@Nullable Feed feed) {
    if (feed != null) {
      feed.closeReader();
      feeds.remove(feed.session.spoke());
    }
  }

  private Standing standing(SpokeId spoke, long through) {
    return standings.computeIfAbsent(spoke, id -> new Standing(through, time.epochMicros()));
  }

  /** What can't be read can't be skipped: this spoke stops, and somebody must act. */
  private void giveUp(Feed feed, Fault fault) {
    LOG.error("fan-out to {} stops: {}", feed.session.spoke(), fault.getMessage());
    feed.session.refuse(new Refusal("log_damaged", fault.reason(), fault.hint(), false));
    drop(feed);
  }

  /** Sends one batch to a spoke, if there is something and it may be sent. */
  private int serve(Feed feed) {
    if (!(feed.cursor.maySend() || feed.isInsideOutcome()) || !feed.session.isReady()) {
      return 0;
    }
    if (feed.cursor.next() > tail.head()) {
      return sayThrough(feed);
    }
    Batch batch = new Batch(feed);
    try {
      fill(feed, batch);
    } catch (Fault fault) {
      batch.undo();
      throw fault;
    }
    return send(feed, batch);
  }

  private void fill(Feed feed, Batch batch) {
    if (!feed.isInsideOutcome()) {
      List<LogEntry> recent =
          tail.read(feed.cursor.next() - 1, settings.batchEntries(), settings.batchBytes());
      if (recent != null) {
        feed.closeReader();
        for (LogEntry entry : recent) {
          if (entry instanceof LogEntry.Outcome o && o.transaction().isStaged()) {
            break; // its parts are in the store only
          }
          batch.add(entry);
        }
        if (batch.covers()) {
          return;
        }
      }
    }
    fillFromStore(feed, batch);
  }

  private void fillFromStore(Feed feed, Batch batch) {
    HubStore.EntryReader reader = feed.reader;
    if (reader == null || !reader.hasNext()) {
      feed.closeReader();
      reader = store.read(store.head().at(feed.cursor.next() - 1));
      feed.reader = reader;
      for (int i = 0; i < feed.partsRead; i++) {
        reader.next();
      }
    }
    while (!batch.isFull() && reader.hasNext()) {
      LogEntry entry = reader.next();
      if (entry instanceof LogEntry.OutcomePart part) {
        if (feed.staged == null) {
          feed.staged = headerOf(part);
        }
        batch.add(part);
      } else {
        batch.add(entry);
      }
    }
  }

  /** The transaction of a staged outcome: its entry comes after all its parts. */
  private Transaction headerOf(LogEntry.OutcomePart part) {
    long number = part.position().number();
    try (HubStore.EntryReader ahead = store.read(part.position().at(number - 1))) {
      while (ahead.hasNext()) {
        if (ahead.next() instanceof LogEntry.Outcome outcome) {
          return outcome.transaction();
        }
      }
    }
    throw Fault.invariant("parts with their outcome", "no outcome after parts at " + number);
  }

  private int send(Feed feed, Batch batch) {
    feed.cursor.sent(batch.through, batch.lastEntry, batch.entries, batch.bytes, batch.firstMicros);
    believe(feed);
    if (batch.entries == 0 && batch.schemas.isEmpty()) {
      sayThrough(feed);
      return 1;
    }
    deliver(feed, batch.schemas, batch.deliveries);
    return 1;
  }

  /** Tells the spoke how far the log holds nothing for it: not for every entry, and not never. */
  private int sayThrough(Feed feed) {
    long through = feed.cursor.next() - 1;
    boolean isNews = through > feed.announced || feed.answeredBy(through) > feed.answered;
    if (!isNews || time.nanos() - feed.lastQuietNanos < QUIET_NANOS) {
      return 0;
    }
    feed.lastQuietNanos = time.nanos();
    deliver(feed, List.of(), List.of());
    return 1;
  }

  private void deliver(Feed feed, List<TableSchema> newSchemas, List<SpokeDelivery> deliveries) {
    List<TableSchema> announce = newSchemas;
    if (!feed.greeted) {
      announce = schemas.all(); // later ones come in the log before their first use
      feed.greeted = true;
    }
    feed.announced = feed.cursor.next() - 1;
    feed.answered = feed.answeredBy(feed.announced);
    feed.session.deliver(new DeliveryBatch(announce, deliveries, feed.announced, feed.answered));
  }

  private void gauge() {
    long nanos = time.nanos();
    if (nanos - lastGauge < GAUGE_NANOS) {
      return;
    }
    lastGauge = nanos;
    for (Feed feed : feeds.values()) {
      if (!feed.session.isReady()) {
        feed.closeReader(); // an open one keeps deleted files on disk
      }
    }
    long now = time.epochMicros();
    long head = tail.head();
    standings.forEach(
        (spoke, standing) -> {
          Feed feed = feeds.get(spoke);
          if (feed != null && feed.cursor.isIdle()) {
            standing.through = Math.max(standing.through, feed.cursor.next() - 1);
          }
          long lag = 0;
          if (standing.through >= head) {
            standing.caughtUpMicros = now;
          } else {
            long oldest = feed == null ? 0 : feed.cursor.oldestMicros();
            lag = Math.max(0, now - (oldest == 0 ? standing.caughtUpMicros : oldest));
          }
          long micros = lag;
          board.update(spoke, r -> r.withLag(micros));
        });
  }

  /** One message in the making. */
  private final class Batch {
    private final Feed feed;
    private final long from;
    private final @Nullable Transaction stagedBefore;
    private final int partsReadBefore;
    private final int partsSentBefore;
    private final long ownBefore;

    final List<TableSchema> schemas = new ArrayList<>();
    final List<SpokeDelivery> deliveries = new ArrayList<>();
    long through;
    long lastEntry;
    int entries;
    long bytes;
    long firstMicros;
    private int seen;

    Batch(Feed feed) {
      this.feed = feed;
      this.from = feed.cursor.next();
      this.through = from - 1;
      this.stagedBefore = feed.staged;
      this.partsReadBefore = feed.partsRead;
      this.partsSentBefore = feed.partsSent;
      this.ownBefore = feed.ownSequence;
    }

    /** Forgets what was taken: it is read again. */
    void undo() {
      feed.closeReader();
      feed.staged = stagedBefore;
      feed.partsRead = partsReadBefore;
      feed.partsSent = partsSentBefore;
      feed.ownSequence = ownBefore;
    }

    /** Whether it holds at least one whole entry, if only one that is nothing for the spoke. */
    boolean covers() {
      return through >= from;
    }

    boolean isFull() {
      return seen >= settings.batchEntries() || bytes >= settings.batchBytes();
    }

    void add(LogEntry entry) {
      switch (entry) {
        case LogEntry.Outcome e -> add(e);
        case LogEntry.Barrier e -> put(SpokeDelivery.of(e), time.epochMicros());
        case LogEntry.SchemaChange e -> schemas.add(e.schema());
        case LogEntry.OutcomePart e ->
            throw Fault.invariant("parts before their outcome", "a part at " + e.position());
        case LogEntry.PlanSwitch e -> {}
        case LogEntry.Join e -> {}
        case LogEntry.EpochChange e -> {}
        case LogEntry.Ruling e -> {}
      }
      through = entry.position().number();
      seen++;
    }

    void add(LogEntry.OutcomePart part) {
      Transaction header = feed.staged;
      if (header == null) {
        throw Fault.invariant("parts with their outcome", "no header at " + part.position());
      }
      feed.partsRead++;
      seen++;
      RowBlock rows = router.rowsFor(feed.receiver, part, header.writer());
      if (!rows.isEmpty()) {
        put(
            new SpokeDelivery(part.position().number(), header, rows, feed.partsSent++, true, null),
            header.time().micros());
      }
    }

    private void add(LogEntry.Outcome outcome) {
      Transaction transaction = outcome.transaction();
      if (transaction.writer().equals(feed.receiver)) {
        feed.ownSequence = transaction.sequence().number();
      }
      RowBlock rows = router.rowsFor(feed.receiver, outcome);
      if (!rows.isEmpty() || feed.partsSent > 0) {
        put(
            new SpokeDelivery(
                outcome.position().number(), transaction, rows, feed.partsSent, false, null),
            transaction.time().micros());
      }
      feed.staged = null;
      feed.partsRead = 0;
      feed.partsSent = 0;
    }

    private void put(SpokeDelivery delivery, long micros) {
      if (entries == 0) {
        firstMicros = micros;
      }
      deliveries.add(delivery);
      lastEntry = delivery.position();
      entries++;
      bytes += delivery.rows().bytes().length() + ENTRY_BYTES;
    }
  }
}
