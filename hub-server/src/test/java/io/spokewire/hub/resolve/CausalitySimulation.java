package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.FieldTag;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.config.Plan.DeletePolicy;
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
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.Retried;
import io.spokewire.hub.entry.RowResolution;
import io.spokewire.hub.fanout.Router;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.LastWriteWins;
import io.spokewire.hub.resolve.rule.Sibling;
import io.spokewire.hub.resolve.rule.SourcePriority;
import io.spokewire.hub.resolve.rule.Sum;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sites, hub and network on one thread from one seed, around the production {@link Resolver}. The
 * sites are maps; their log order is the order in which this program runs.
 *
 * <p>Oracle: the full causal history of every (row, field), own overwritten writes included. A
 * conflict is <i>missed</i> when a write the new one had not seen was not among the live siblings,
 * and <i>false</i> when every live sibling had been seen. Lineage: field {@code a} holds the set of
 * writes it descends from; each must end in the final value or in the audit.
 */
final class CausalitySimulation {
  /** A deliberate fault; each must be caught by an oracle. */
  enum Mutant {
    NONE,
    /** The origin never gets anything back. */
    NEVER_ECHO,
    /** The origin gets something back only where a conflict was recorded. */
    CONFLICT_ONLY,
    /** Only the winner of a conflict is kept as a sibling. */
    WINNER_ONLY,
    /** The window is emptied by what was applied instead of by contexts received. */
    GC_BY_ACK,
    /** Apply runs out of order and the context is the highest position applied. */
    CTX_MAX,
    /** A transaction that is sent twice is taken twice. */
    NO_DEDUP,
    /** Every earlier write of the same site counts as seen. */
    OWN_SIBLINGS_DROPPED,
    /** Of protected sites: contexts keep quiet about what was kept off. */
    NO_EXCEPTIONS,
    /** Of protected sites: the frontier passes what was kept off. */
    FRONTIER_IGNORES_EXCEPTIONS,
    /** Of restored sites: what they wrote themselves in an earlier life is not sent again. */
    OWN_NOT_SENT_AGAIN,
    /** Of restored sites: where the earlier life got a part of its write back, so does the new. */
    OWN_SENT_AGAIN_IN_PART,
    /** Of restored sites: the writer stays the same. */
    SAME_EPOCH
  }

  /** Room for a row or two. */
  private static final long CRAMPED_BYTES = 2_000;

  private static final TableName TABLE = new TableName("t");
  private static final List<String> FIELDS = List.of("a", "b", "c", "d");
  private static final String EXISTENCE = ConflictRecord.EXISTENCE;
  private static final List<String> ALL = List.of("a", "b", "c", "d", EXISTENCE);
  private static final TableSchema SCHEMA =
      TableSchema.of(
          TABLE,
          List.of(
              new Column("id", LogicalType.INTEGER, "integer", false),
              new Column("a", LogicalType.TEXT, "text", true),
              new Column("b", LogicalType.INTEGER, "integer", true),
              new Column("c", LogicalType.INTEGER, "integer", true),
              new Column("d", LogicalType.INTEGER, "integer", true)),
          List.of(0));
  private static final LogIncarnation LOG = new LogIncarnation(new UUID(7, 7));

  record Cell(int row, String field) {}

  record Settings(
      int spokes,
      int rows,
      int steps,
      DeletePolicy policy,
      double affinity,
      double deletes,
      boolean outOfOrder,
      boolean protect,
      boolean restores) {
    Settings(
        int spokes, int rows, int steps, DeletePolicy policy, double affinity, double deletes) {
      this(spokes, rows, steps, policy, affinity, deletes, false, false, false);
    }

    /** The same with each site's own pending writes protected. */
    Settings protecting() {
      return new Settings(spokes, rows, steps, policy, affinity, deletes, outOfOrder, true, false);
    }

    /** The same with databases that are restored from backups on the way. */
    Settings restoring() {
      return new Settings(spokes, rows, steps, policy, affinity, deletes, outOfOrder, false, true);
    }
  }

  private final Random random;
  private final Settings settings;
  private final Mutant mutant;
  private final List<Site> sites = new ArrayList<>();
  private final SchemaBook schemas = new SchemaBook();
  private final RuleBook rules;
  private Resolver resolver;

  /** Decides the same from a window of which next to nothing fits in memory. */
  private Resolver cramped;

  private final ColdRowsInMemory cold = new ColdRowsInMemory();
  private long frontier;
  private final List<Logged> log = new ArrayList<>();
  private final List<LogEntry.Outcome> outcomes = new ArrayList<>();
  private final Map<SpokeId, Long> acknowledged = new HashMap<>();
  private final Map<Cell, Set<String>> hubHistory = new HashMap<>();
  private final Map<Integer, Integer> trueSums = new HashMap<>();
  private final Set<String> audited = new HashSet<>();
  private final Set<String> acknowledgedDots = new HashSet<>();
  int missed;
  int falsePositives;
  int settledOtherwise;
  int flagged;
  int restarts;
  int restores;

  /** Restored databases that held writes which the hub took at a later position. */
  int unsettledRestores;

  /** Fields whose pending local write was overwritten by what had not taken it into account. */
  int pendingOverwritten;

  CausalitySimulation(long seed, Settings settings, Mutant mutant) {
    this.random = new Random(seed * 7919 + 17);
    this.settings = settings;
    this.mutant = mutant;
    this.schemas.add(SCHEMA);
    List<SpokeId> order =
        IntStream.range(0, settings.spokes()).mapToObj(CausalitySimulation::spokeId).toList();
    TableRules tableRules =
        TableRules.of(
            new LastWriteWins("last_write_wins"),
            Map.of(
                "b", new Largest(),
                "c", new SourcePriority("source_priority", order),
                "d", new Sum("sum")),
            settings.policy());
    TableRules inForce = settings.protect() ? tableRules.protectingPending() : tableRules;
    this.rules = RuleBook.of(new PlanVersion(1), t -> inForce);
    this.resolver = new Resolver(schemas, rules);
    this.cramped = cramped();
    for (int i = 0; i < settings.spokes(); i++) {
      Site site = new Site(spokeId(i));
      for (int r = 0; r < settings.rows(); r++) {
        site.rows.put(r, new LinkedHashMap<>(Map.of("a", "", "b", "0", "c", "0", "d", "0")));
      }
      sites.add(site);
    }
    for (int r = 0; r < settings.rows(); r++) {
      trueSums.put(r, 0);
    }
  }

  void run() {
    for (int i = 0; i < settings.steps(); i++) {
      step();
    }
    drain();
  }

  boolean converged() {
    return sites.stream().allMatch(s -> s.rows.equals(sites.getFirst().rows));
  }

  long wrongSums() {
    return trueSums.entrySet().stream()
        .filter(e -> e.getValue() != null)
        .filter(
            e ->
                sites.stream()
                    .anyMatch(
                        s ->
                            !s.rows
                                .getOrDefault(e.getKey(), Map.of())
                                .getOrDefault("d", "none")
                                .equals(e.getValue().toString())))
        .count();
  }

  /**
   * Writes to {@code a} that are neither in the final value nor in the audit. Meaningful in runs
   * without deletes, which end a lineage.
   */
  long lost() {
    Set<String> kept = new HashSet<>(audited);
    sites.getFirst().rows.values().forEach(row -> kept.addAll(dots(row.get("a"))));
    return acknowledgedDots.stream().filter(d -> !kept.contains(d)).count();
  }

  private void step() {
    Site site = sites.get(random.nextInt(sites.size()));
    double x = random.nextDouble();
    if (x < .35) {
      write(site);
    } else if (x < .65) {
      receive(site, false);
    } else if (x < .70) {
      receive(site, true);
    } else {
      applyNext(site);
    }
    if (random.nextDouble() < .2 && site.sent == site.outbox.size()) {
      markContext(site, contextOf(site));
    }
    if (random.nextDouble() < .02) {
      restartHub();
    }
    if (settings.restores()) {
      double y = random.nextDouble();
      if (y < .04) {
        site.backup = site.copy();
      } else if (y < .06 && site.backup != null) {
        restore(site, site.backup);
      }
    }
  }

  /**
   * The database is as it was at the backup; the site takes part again in a new epoch. Writes that
   * the hub never got are captured again if the backup holds them, and gone otherwise.
   */
  private void restore(Site site, Backup backup) {
    restores++;
    List<Sent> lost = site.outbox.subList(Math.max(site.sent, backup.written), site.outbox.size());
    for (Sent sent : lost) {
      acknowledgedDots.remove(sent.dot);
      trueSums.computeIfPresent(sent.row, (row, sum) -> sum - sent.delta);
    }
    List<Sent> again =
        site.sent < backup.written
            ? List.copyOf(site.outbox.subList(site.sent, backup.written))
            : List.of();
    long settled = backup.applied == 0 ? 0 : ownTakenBy(site, backup.applied);
    unsettledRestores += backup.written > settled ? 1 : 0;
    site.backup = null;
    site.rows.clear();
    backup.rows.forEach((row, values) -> site.rows.put(row, new LinkedHashMap<>(values)));
    site.history.clear();
    site.history.putAll(backup.history);
    site.pending.clear();
    site.applied = backup.applied;
    site.highestApplied = backup.applied;
    site.outbox.clear();
    site.sent = 0;
    acknowledged.put(site.id, 0L);
    site.epoch = site.epoch.next();
    site.receivedContext = site.applied;
    for (Sent sent : again) {
      site.receivedContext = Math.min(site.receivedContext, sent.transaction.context().lowest());
      site.outbox.add(sent.by(writerOf(site), site.outbox.size() + 1L));
    }
    frontier = Math.min(frontier, site.receivedContext);
    restartHub();
  }

  /** How many of the writes of the site's present life the hub had taken by this position. */
  private long ownTakenBy(Site site, long position) {
    return log.subList(0, (int) position).stream()
        .filter(e -> e.origin.equals(site.id) && e.life.equals(site.epoch))
        .count();
  }

  private Writer writerOf(Site site) {
    Epoch epoch = mutant == Mutant.SAME_EPOCH ? Epoch.FIRST : site.epoch;
    return new Writer(site.id, epoch, ChannelId.MAIN);
  }

  private void markContext(Site site, Context context) {
    boolean loose = mutant == Mutant.FRONTIER_IGNORES_EXCEPTIONS;
    long shown = loose ? context.low().number() : context.lowest();
    site.receivedContext = Math.max(site.receivedContext, shown);
  }

  private void drain() {
    boolean busy = true;
    while (busy) {
      busy = false;
      for (Site site : sites) {
        if (site.sent < site.outbox.size()) {
          receive(site, false);
          busy = true;
        }
        if (site.applied < log.size()) {
          applyNext(site);
          busy = true;
        }
        busy |= settings.protect() && expire(site);
      }
    }
  }

  /** A user's transaction at a site: insert if the row is gone, else update or sometimes delete. */
  private void write(Site site) {
    int row = random.nextInt(settings.rows());
    if (random.nextDouble() < settings.affinity()) {
      int mine = random.nextInt(Math.max(1, settings.rows() / sites.size()));
      row = (mine * sites.size() + sites.indexOf(site)) % settings.rows();
    }
    Map<String, String> current = site.rows.get(row);
    String dot = site.id + "-" + ++site.dots;
    RowChange change;
    int added = 0;
    Map<String, Field> wrote = new TreeMap<>();
    if (current == null) {
      Map<String, String> fresh = new LinkedHashMap<>();
      fresh.put("a", dot);
      for (String f : List.of("b", "c", "d")) {
        fresh.put(f, String.valueOf(1 + random.nextInt(f.equals("d") ? 49 : range())));
      }
      site.rows.put(row, fresh);
      trueSums.put(row, null);
      change = new RowChange.Insert(SCHEMA.id(), key(row), tuple(row, fresh));
      fresh.forEach((f, v) -> wrote.put(f, value(v)));
      wrote.put(EXISTENCE, value("t"));
    } else if (random.nextDouble() < settings.deletes()) {
      site.rows.remove(row);
      trueSums.put(row, null);
      change = new RowChange.Delete(SCHEMA.id(), key(row), tuple(row, current));
      FIELDS.forEach(f -> wrote.put(f, Field.ABSENT));
      wrote.put(EXISTENCE, value("f"));
    } else {
      Map<String, String> before = new LinkedHashMap<>();
      Map<String, String> after = new LinkedHashMap<>();
      for (int i = 0; i < 1 + random.nextInt(2); i++) {
        String f = FIELDS.get(random.nextInt(FIELDS.size()));
        String now = newValue(f, current.get(f), dot);
        if (now.equals(current.get(f)) || before.containsKey(f)) {
          continue;
        }
        before.put(f, current.get(f));
        after.put(f, now);
        current.put(f, now);
        wrote.put(f, value(now));
        if (f.equals("d") && trueSums.get(row) != null) {
          int delta = Integer.parseInt(now) - Integer.parseInt(before.get(f));
          trueSums.merge(row, delta, Integer::sum);
          added = delta;
        }
      }
      change = new RowChange.Update(SCHEMA.id(), key(row), partial(before), partial(after));
      wrote.put(EXISTENCE, value("t"));
    }
    Map<String, Set<String>> seen = new HashMap<>();
    for (String f : wrote.keySet()) {
      Cell cell = new Cell(row, f);
      Set<String> before = site.history.getOrDefault(cell, Set.of());
      seen.put(f, before);
      site.history.put(cell, union(before, Set.of(dot)));
    }
    for (Map.Entry<String, Field> e : wrote.entrySet()) {
      boolean leavesValue = e.getValue().isPresent(); // a delete leaves nothing to be overwritten
      site.pending.put(new Cell(row, e.getKey()), leavesValue ? site.outbox.size() + 1L : 0L);
    }
    if (wrote.containsKey("a") && wrote.get("a").isPresent()) {
      acknowledgedDots.add(dot);
    }
    RowBlock block = new RowBlockWriter().put(change).toBlock();
    site.outbox.add(
        new Sent(
            new Transaction(
                writerOf(site),
                new Sequence(site.outbox.size() + 1L),
                SourcePosition.NONE,
                new HybridTime(random.nextInt(1000), 0), // clocks deliberately mean nothing
                contextOf(site),
                ChainHash.START,
                block,
                0),
            row,
            wrote,
            seen,
            dot,
            added));
  }

  private Context contextOf(Site site) {
    Position low = new Position(LOG, ChannelId.MAIN, site.applied);
    if (mutant == Mutant.CTX_MAX) {
      return Context.through(low.at(site.highestApplied));
    }
    long[] above = site.outOfOrder < 0 ? new long[0] : new long[] {site.outOfOrder + 1L};
    return new Context(low, above, mutant == Mutant.NO_EXCEPTIONS ? List.of() : site.kept.unseen());
  }

  private String newValue(String field, String current, String dot) {
    return switch (field) {
      case "a" -> current.isEmpty() ? dot : current + "," + dot;
      case "d" ->
          String.valueOf(Integer.parseInt(current) + List.of(-3, 1, 5).get(random.nextInt(3)));
      default -> String.valueOf(1 + random.nextInt(range()));
    };
  }

  /** A value that is written back counts as not pending, so protected sites hardly ever do that. */
  private int range() {
    return settings.protect() ? 1_000_000_000 : 49;
  }

  /** The hub takes the site's next transaction, or the last one once more. */
  private void receive(Site site, boolean again) {
    int index = again ? site.sent - 1 : site.sent;
    if (index < 0 || index >= site.outbox.size()) {
      return;
    }
    Sent sent = site.outbox.get(index);
    if (again && mutant != Mutant.NO_DEDUP) {
      return; // the sequencer acknowledges it again and that is all
    }
    if (!again) {
      site.sent++;
    }
    markContext(site, sent.transaction.context());
    Position position = new Position(LOG, ChannelId.MAIN, log.size() + 1L);
    judge(sent, position);
    Resolver.Resolution resolution =
        resolver.resolve(sent.transaction, position, sent.transaction.rows());
    if (mutant == Mutant.NONE) {
      Resolver.Resolution fromCold =
          cramped.resolve(sent.transaction, position, sent.transaction.rows());
      if (!fromCold.equals(resolution)) {
        throw new AssertionError(
            "cold rows change the outcome at %s: %s, not %s"
                .formatted(position, fromCold, resolution));
      }
    }
    resolution.conflicts().forEach(this::audit);
    LogEntry.Outcome outcome =
        new LogEntry.Outcome(
            position, sent.transaction, resolution.resolutions(), resolution.conflicts());
    outcomes.add(outcome);
    Map<String, Set<String>> historyNow = new HashMap<>();
    sent.wrote
        .keySet()
        .forEach(
            f ->
                hubHistory.merge(
                    new Cell(sent.row, f),
                    union(sent.seen.get(f), Set.of(sent.dot)),
                    CausalitySimulation::union));
    ALL.forEach(f -> historyNow.put(f, hubHistory.getOrDefault(new Cell(sent.row, f), Set.of())));
    acknowledged.merge(site.id, sent.transaction.sequence().number(), Math::max);
    log.add(
        new Logged(
            outcome,
            site.id,
            site.epoch,
            sent.row,
            historyNow,
            sent.wrote.keySet(),
            Map.copyOf(acknowledged)));
    if (mutant == Mutant.WINNER_ONLY) {
      keepOnlyWinners(sent, resolution);
    }
    if (random.nextDouble() < .3) {
      collect();
    }
  }

  /** Compares what the resolver takes for concurrent with the true history. */
  private void judge(Sent sent, Position position) {
    RowWindow window = resolver.window(TABLE, key(sent.row));
    Transaction t = sent.transaction;
    Mark mark = new Mark(t.writer(), t.sequence(), position, t.context(), t.time());
    if (mutant == Mutant.OWN_SIBLINGS_DROPPED && window != null) {
      for (String f : ALL) {
        int field = fieldNumber(window, f);
        window.live(field, mark).stream()
            .filter(v -> v.mark.writer().equals(t.writer()))
            .forEach(v -> v.sibling.remove(field));
      }
    }
    for (String f : sent.wrote.keySet()) {
      if (f.equals("d")) {
        continue;
      }
      boolean live = window != null && !window.live(fieldNumber(window, f), mark).isEmpty();
      Set<String> unseen = new HashSet<>(hubHistory.getOrDefault(new Cell(sent.row, f), Set.of()));
      unseen.removeAll(sent.seen.get(f));
      missed += !unseen.isEmpty() && !live ? 1 : 0;
      falsePositives += unseen.isEmpty() && live ? 1 : 0;
      flagged += live ? 1 : 0;
    }
  }

  private static int fieldNumber(RowWindow window, String field) {
    return field.equals(EXISTENCE) ? Shape.EXISTENCE : window.table.fieldNumber(field);
  }

  private void audit(ConflictRecord record) {
    if (new Retrial(rules, schemas).of(record) instanceof Retried.Settled again
        && !again.result().value().equals(record.result().value())) {
      settledOtherwise++;
    }
    if (record.field().equals("a")) {
      audited.addAll(dots(text(record.source().value())));
      audited.addAll(dots(text(record.target().value())));
    }
  }

  private void keepOnlyWinners(Sent sent, Resolver.Resolution resolution) {
    RowWindow window = resolver.window(TABLE, key(sent.row));
    for (ConflictRecord c : resolution.conflicts()) {
      if (window == null || c.field().equals(EXISTENCE)) {
        continue;
      }
      int field = fieldNumber(window, c.field());
      for (Version v : window.siblings()) {
        if (v.sibling.contains(field) && !v.written(field).equals(c.result().value())) {
          v.sibling.remove(field);
        }
      }
    }
  }

  private void collect() {
    frontier =
        Math.max(
            frontier,
            sites.stream()
                .mapToLong(s -> mutant == Mutant.GC_BY_ACK ? s.applied : s.receivedContext)
                .min()
                .orElseThrow());
    resolver.advanceFrontier(frontier);
    cramped.advanceFrontier(frontier);
  }

  /** The hub dies and rebuilds its window from the log above the frontier. */
  private void restartHub() {
    if (mutant == Mutant.WINNER_ONLY || mutant == Mutant.OWN_SIBLINGS_DROPPED) {
      return; // the fault sits in the window that a restart would mend
    }
    restarts++;
    resolver = new Resolver(schemas, rules);
    cramped = cramped();
    List<LogEntry.Outcome> above =
        outcomes.stream().filter(o -> o.position().number() > frontier).toList();
    long from = above.stream().mapToLong(Resolver::needsFrom).reduce(frontier, Math::min);
    outcomes.stream().filter(o -> o.position().number() > from).forEach(this::replay);
    resolver.advanceFrontier(frontier);
    cramped.advanceFrontier(frontier);
  }

  private void replay(LogEntry.Outcome outcome) {
    resolver.replay(outcome);
    cramped.replay(outcome);
  }

  private Resolver cramped() {
    return new Resolver(schemas, rules, cold, CRAMPED_BYTES);
  }

  /** How often a row that was moved out of memory was needed again. */
  long rowsTakenBack() {
    return cold.takenBack();
  }

  private void applyNext(Site site) {
    if (site.applied >= log.size()) {
      return;
    }
    int next = (int) site.applied;
    if (mutant == Mutant.CTX_MAX || settings.outOfOrder()) {
      boolean ahead =
          site.outOfOrder < 0
              && next + 1 < log.size()
              && log.get(next).row != log.get(next + 1).row
              && random.nextBoolean();
      if (ahead) {
        site.outOfOrder = next + 1;
        apply(site, log.get(next + 1));
        site.highestApplied = next + 2L;
        return;
      }
    }
    if (site.outOfOrder == next) {
      site.outOfOrder = -1;
    } else {
      apply(site, log.get(next));
    }
    site.applied = next + 1L;
    if (settings.protect()) {
      expire(site);
    }
    site.highestApplied = Math.max(site.highestApplied, site.applied);
  }

  private void apply(Site site, Logged entry) {
    Bytes payload = payloadFor(site, entry);
    int row = entry.row;
    Map<String, String> before = site.copyOf(row);
    Set<String> replaced = Set.of();
    if (settings.protect()) {
      replaced = applyProtected(site, entry, payload);
    } else if (!payload.isEmpty()) {
      switch (new RowBlock(payload, 1).iterator().next()) {
        case RowChange.Insert c -> {
          site.rows.put(row, fields(c.after()));
          replaced = Set.copyOf(ALL);
        }
        case RowChange.Delete c -> {
          site.rows.remove(row);
          replaced = Set.copyOf(ALL);
        }
        case RowChange.Update c -> replaced = patch(site.rows.get(row), c.after());
        case RowChange.KeyChange c -> throw new AssertionError(c);
        case RowChange.Truncate c -> throw new AssertionError(c);
      }
    }
    countOverwritten(site, row, before, entry.acknowledged);
    for (String f : replaced) {
      site.history.put(new Cell(row, f), entry.history.get(f));
    }
    for (String f : entry.wrote) {
      if (site.kept.concerns(row, f)) {
        continue;
      }
      site.history.merge(new Cell(row, f), entry.history.get(f), CausalitySimulation::union);
    }
  }

  /** As a protecting site applies; gives the fields that hold the hub's value now. */
  private Set<String> applyProtected(Site site, Logged entry, Bytes payload) {
    if (payload.isEmpty()) {
      return Set.of();
    }
    KeptValues.Arrival arrival =
        new KeptValues.Arrival(
            entry.row, entry.outcome.position().number() - 1, site.outbox.size());
    return site.kept.apply(site.rows, arrival, new RowBlock(payload, 1).iterator().next());
  }

  /** Ends the exceptions behind which nothing can be pending any more. */
  private boolean expire(Site site) {
    if (site.applied == 0) {
      return false;
    }
    Map<SpokeId, Long> acked = log.get((int) site.applied - 1).acknowledged;
    boolean any = false;
    for (KeptValues.Value value : site.kept.values()) {
      if (acked.getOrDefault(site.id, 0L) < value.through()) {
        continue;
      }
      any = true;
      Map<String, String> before = site.copyOf(value.row());
      if (!site.kept.expire(site.rows, value, site.outbox.size())) {
        continue;
      }
      countOverwritten(site, value.row(), before, acked);
      Map<String, Set<String>> now = historyAt(site.applied, value.row());
      ALL.stream()
          .filter(value::concerns)
          .forEach(f -> site.history.put(new Cell(value.row(), f), now.get(f)));
    }
    return any;
  }

  private Map<String, Set<String>> historyAt(long applied, int row) {
    return log.subList(0, (int) applied).reversed().stream()
        .filter(e -> e.row == row)
        .findFirst()
        .orElseThrow()
        .history;
  }

  private void countOverwritten(
      Site site, int row, @Nullable Map<String, String> before, Map<SpokeId, Long> acked) {
    Map<String, String> after = site.rows.get(row);
    for (String f : List.of("a", "b", "c")) {
      boolean changed = before != null && (after == null || !after.get(f).equals(before.get(f)));
      long written = site.pending.getOrDefault(new Cell(row, f), 0L);
      pendingOverwritten += changed && written > acked.getOrDefault(site.id, 0L) ? 1 : 0;
    }
  }

  /** What the entry holds for the site, routed as the hub's fan-out routes it. */
  private Bytes payloadFor(Site site, Logged entry) {
    boolean origin = entry.origin.equals(site.id);
    if (origin && !entry.life.equals(site.epoch)) {
      return payloadForLaterLife(site, entry);
    }
    List<RowResolution> resolutions = entry.outcome.resolutions();
    if (resolutions.isEmpty()) {
      return origin ? Bytes.EMPTY : entry.outcome.transaction().rows().bytes();
    }
    RowResolution resolution = resolutions.getFirst();
    if (!origin) {
      return resolution.forOthers();
    }
    boolean dropped =
        mutant == Mutant.NEVER_ECHO
            || (mutant == Mutant.CONFLICT_ONLY && entry.outcome.conflicts().isEmpty());
    return dropped ? Bytes.EMPTY : resolution.forOrigin();
  }

  private Bytes payloadForLaterLife(Site site, Logged entry) {
    List<RowResolution> resolutions = entry.outcome.resolutions();
    Bytes answer = resolutions.isEmpty() ? Bytes.EMPTY : resolutions.getFirst().forOrigin();
    if (mutant == Mutant.OWN_NOT_SENT_AGAIN
        || (mutant == Mutant.OWN_SENT_AGAIN_IN_PART && !answer.isEmpty())) {
      return answer;
    }
    Writer receiver = new Writer(site.id, entry.life.next(), ChannelId.MAIN);
    return new Router().rowsFor(receiver, entry.outcome).bytes();
  }

  /** Fields written absolutely; a row that is not there keeps nothing. */
  private static Set<String> patch(Map<String, String> row, Tuple after) {
    Set<String> replaced = new HashSet<>();
    TupleReader reader = after.reader();
    while (reader.next()) {
      String f = SCHEMA.columns().get(reader.ordinal()).name();
      if (reader.tag() == FieldTag.VALUE && row != null) {
        row.put(f, reader.value().toUtf8());
        replaced.add(f);
      } else if (reader.tag() == FieldTag.DELTA && row != null) {
        int sum = Integer.parseInt(row.get(f)) + Integer.parseInt(reader.value().toUtf8());
        row.put(f, String.valueOf(sum));
      }
    }
    return replaced;
  }

  private static Map<String, String> fields(Tuple tuple) {
    Map<String, String> row = new LinkedHashMap<>();
    TupleReader reader = tuple.reader();
    while (reader.next()) {
      String f = SCHEMA.columns().get(reader.ordinal()).name();
      if (!f.equals("id")) {
        row.put(f, reader.value().toUtf8());
      }
    }
    return row;
  }

  private static Tuple tuple(int row, Map<String, String> values) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    writer.putValue(Bytes.utf8(String.valueOf(row)));
    FIELDS.forEach(f -> writer.putValue(Bytes.utf8(values.get(f))));
    return new Tuple(sink.toBytes());
  }

  private static Tuple partial(Map<String, String> values) {
    ByteSink sink = new ByteSink();
    TupleWriter writer = new TupleWriter(sink);
    writer.putUnchanged();
    for (String f : FIELDS) {
      if (values.containsKey(f)) {
        writer.putValue(Bytes.utf8(values.get(f)));
      } else {
        writer.putUnchanged();
      }
    }
    return new Tuple(sink.toBytes());
  }

  private static RowKey key(int row) {
    ByteSink sink = new ByteSink();
    new TupleWriter(sink).putValue(Bytes.utf8(String.valueOf(row)));
    return new RowKey(sink.toBytes());
  }

  private static Field value(String text) {
    return Field.ofValue(Bytes.utf8(text));
  }

  private static String text(Field field) {
    return field.isPresent() && !field.isNull() ? field.value().toUtf8() : "";
  }

  private static Set<String> dots(String lineage) {
    return lineage.isEmpty() ? Set.of() : Set.of(lineage.split(","));
  }

  private static Set<String> union(Set<String> a, Set<String> b) {
    Set<String> all = new HashSet<>(a);
    all.addAll(b);
    return all;
  }

  private static SpokeId spokeId(int i) {
    return new SpokeId("s" + i);
  }

  /** A site's database and outbox. */
  private static final class Site {
    final SpokeId id;
    final Map<Integer, Map<String, String>> rows = new HashMap<>();
    final Map<Cell, Set<String>> history = new HashMap<>();
    final List<Sent> outbox = new ArrayList<>();
    final Map<Cell, Long> pending = new HashMap<>();
    final KeptValues kept = new KeptValues(SCHEMA);
    int sent;
    long applied;
    long highestApplied;
    int outOfOrder = -1;
    long receivedContext;
    long dots;
    Epoch epoch = Epoch.FIRST;
    @Nullable Backup backup;

    Site(SpokeId id) {
      this.id = id;
    }

    /** As a backup of the database has it. */
    Backup copy() {
      Map<Integer, Map<String, String>> kept = new HashMap<>();
      rows.forEach((row, values) -> kept.put(row, Map.copyOf(values)));
      return new Backup(kept, Map.copyOf(history), applied, outbox.size());
    }

    @Nullable Map<String, String> copyOf(int row) {
      Map<String, String> now = rows.get(row);
      return now == null ? null : Map.copyOf(now);
    }
  }

  /**
   * @param written how many transactions of the life it was made in the database holds
   */
  private record Backup(
      Map<Integer, Map<String, String>> rows,
      Map<Cell, Set<String>> history,
      long applied,
      int written) {}

  private record Sent(
      Transaction transaction,
      int row,
      Map<String, Field> wrote,
      Map<String, Set<String>> seen,
      String dot,
      int delta) {
    /** The same commit, captured again by another writer. */
    Sent by(Writer writer, long sequence) {
      Transaction again =
          new Transaction(
              writer,
              new Sequence(sequence),
              transaction.sourcePosition(),
              transaction.time(),
              transaction.context(),
              transaction.hash(),
              transaction.rows(),
              transaction.stagedChunks());
      return new Sent(again, row, wrote, seen, dot, delta);
    }
  }

  private record Logged(
      LogEntry.Outcome outcome,
      SpokeId origin,
      Epoch life,
      int row,
      Map<String, Set<String>> history,
      Set<String> wrote,
      Map<SpokeId, Long> acknowledged) {}

  /** The largest number: a rule whose winner is not the last writer. */
  private static final class Largest implements FieldRule {
    @Override
    public String strategy() {
      return "max";
    }

    @Override
    public Field settle(List<Sibling> siblings) {
      return Collections.max(
              siblings, Comparator.comparingInt(s -> Integer.parseInt(s.value().value().toUtf8())))
          .value();
    }
  }
}
