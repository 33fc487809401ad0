package io.spokewire.simulation;

import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.Transaction;
import io.spokewire.common.config.Plan;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.LogEntry;
import io.spokewire.hub.entry.RowResolution;
import io.spokewire.hub.resolve.Resolver;
import io.spokewire.hub.resolve.ResolverInsides;
import io.spokewire.hub.resolve.RuleBook;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Decides everything again, in a resolver that never restarts and never forgets, and must come to
 * the same outcomes to the byte (P6, P8): when a window forgets, where its rows lie and how often
 * it was built anew changes nothing.
 */
final class Replay implements History.LogWatcher {
  private final World world;
  private final SchemaBook schemas = new SchemaBook();
  private final Resolver resolver = new Resolver(schemas, RuleBook.DEFAULT);
  private final List<LogEntry.OutcomePart> parts = new ArrayList<>();

  Replay(World world) {
    this.world = world;
  }

  @Override
  public void logged(LogEntry entry) {
    switch (entry) {
      case LogEntry.SchemaChange e -> schemas.add(e.schema());
      case LogEntry.PlanSwitch e -> {
        Plan plan = world.plans.parse(e.text());
        resolver.rules(RuleBook.of(plan, e.version()));
      }
      case LogEntry.OutcomePart e -> parts.add(e);
      case LogEntry.Outcome e when isTaken(e) -> take(e);
      case LogEntry.Outcome e -> again(e);
      default -> {}
    }
  }

  /**
   * Where the window's memory shows, outcomes are taken as they were logged: it does not wait for a
   * site that receives nothing, and the hub says all it knows of a row that it writes itself.
   */
  private boolean isTaken(LogEntry.Outcome logged) {
    if (History.isOfHub(logged)) {
      return true;
    }
    Site site = world.siteOf(logged.transaction().writer());
    return site != null && !site.direction().receives();
  }

  private void take(LogEntry.Outcome logged) {
    parts.forEach(part -> ResolverInsides.replay(resolver, part, logged.transaction()));
    parts.clear();
    resolver.replay(logged);
  }

  private void again(LogEntry.Outcome logged) {
    List<ConflictRecord> conflicts = new ArrayList<>();
    for (LogEntry.OutcomePart part : parts) {
      Resolver.Resolution resolution =
          resolver.resolve(logged.transaction(), logged.position(), part.rows());
      conflicts.addAll(resolution.conflicts());
      compare(logged, part.resolutions(), resolution.resolutions());
    }
    Resolver.Resolution resolution =
        resolver.resolve(logged.transaction(), logged.position(), logged.transaction().rows());
    conflicts.addAll(resolution.conflicts());
    compare(logged, logged.resolutions(), resolution.resolutions());
    List<ConflictRecord> again = new ArrayList<>(ConflictRecord.onePerField(conflicts));
    parts.forEach(part -> again.addAll(acrossRows(logged, part.rows())));
    again.addAll(acrossRows(logged, logged.transaction().rows()));
    parts.clear();
    if (!comparable(again).equals(comparable(logged.conflicts()))) {
      world.verdict.violation(
          "replay", logged.position() + ": conflicts " + logged.conflicts() + ", again " + again);
    }
  }

  private List<ConflictRecord> acrossRows(LogEntry.Outcome logged, RowBlock rows) {
    Transaction transaction = logged.transaction();
    return resolver
        .crossingsAfter(transaction, logged.position(), rows)
        .conflicts(transaction, logged.position());
  }

  private List<List<Object>> comparable(List<ConflictRecord> records) {
    return records.stream().map(this::comparable).toList();
  }

  /**
   * What does not depend on how much the window remembers. Clocks do, after a restart; so does what
   * a row held that the hub deleted itself, since no site says so.
   */
  private List<Object> comparable(ConflictRecord c) {
    Features features = world.scenario.features();
    boolean hubDeletes = features.has(Feature.MANUAL) || features.has(Feature.KEYS);
    boolean knowsRows = !(hubDeletes && c.field().equals(ConflictRecord.EXISTENCE));
    List<Object> all = new ArrayList<>();
    Collections.addAll(all, c.table(), c.schema(), c.key(), c.field(), c.kind());
    Collections.addAll(all, c.rule(), c.ruleVersion(), c.result(), c.open());
    for (ConflictWrite w : c.siblings()) {
      Collections.addAll(all, w.spoke(), w.sequence(), w.position(), w.time(), w.schema());
      Collections.addAll(all, w.key(), w.value());
    }
    if (knowsRows) {
      all.add(c.base());
      c.siblings().forEach(w -> all.add(w.row()));
    }
    return all;
  }

  /**
   * Of a group's column that was not written, a result may or may not say what it holds everywhere.
   */
  private boolean isSame(List<RowResolution> first, List<RowResolution> again) {
    return world.scenario.features().has(Feature.GROUPS)
        ? Readable.of(first).equals(Readable.of(again))
        : first.equals(again);
  }

  private void compare(
      LogEntry.Outcome logged, List<RowResolution> first, List<RowResolution> again) {
    if (!isSame(first, again)) {
      world.verdict.violation(
          "replay",
          logged.position()
              + " of "
              + logged.transaction().writer()
              + " having seen "
              + logged.transaction().context()
              + ": "
              + Readable.of(logged.transaction().rows())
              + " became "
              + Readable.of(first)
              + ", again "
              + Readable.of(again));
    }
  }
}
