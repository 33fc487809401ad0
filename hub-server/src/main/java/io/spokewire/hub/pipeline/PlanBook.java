package io.spokewire.hub.pipeline;

import io.spokewire.common.config.Plan;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.TableName;
import io.spokewire.common.type.AgreedTypes;
import io.spokewire.hub.resolve.RuleBook;
import io.spokewire.hub.stream.PlanScope;
import io.spokewire.hub.topology.Topology;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plan in force, and which tables any plan ever named: an agent may still send what it captured
 * under an earlier one. Owned by the sequencer.
 */
final class PlanBook {
  private static final Logger LOG = LoggerFactory.getLogger(PlanBook.class);

  private final Function<String, Plan> reader;
  private final Set<TablePattern> everNamed = new LinkedHashSet<>();
  private final NavigableMap<Long, RuleBook> rulesFrom = new TreeMap<>(); // by position
  private PlanVersion version = PlanVersion.NONE;
  private PlanScope scope = PlanScope.NONE;
  private RuleBook rules = RuleBook.DEFAULT;
  private Plan inForce = Plan.NOTHING;

  /**
   * @param reader a plan's text to the plan; a fault if it can't be read
   */
  PlanBook(Function<String, Plan> reader) {
    this.reader = reader;
  }

  /** Takes over what is persisted. */
  void load(Topology topology) {
    version = PlanVersion.NONE;
    scope = PlanScope.NONE;
    rules = RuleBook.DEFAULT;
    inForce = Plan.NOTHING;
    rulesFrom.clear();
    for (PlanRecord record : topology.planHistory()) {
      try {
        Plan plan = reader.apply(record.text());
        everNamed.addAll(plan.tables());
        rulesFrom.put(record.position(), RuleBook.of(plan, record.version()));
      } catch (
          Fault fault) { // written by an older version; only the plan in force must be readable
        LOG.warn("plan {} can't be read any more: {}", record.version(), fault.getMessage());
      }
    }
    topology.plan().ifPresent(this::use);
  }

  /** Puts a plan in force. */
  void use(PlanRecord record) {
    Plan plan = reader.apply(record.text());
    everNamed.addAll(plan.tables());
    inForce = plan;
    version = record.version();
    scope = scope(plan, record.version(), record.position());
    rules = RuleBook.of(plan, record.version());
    rulesFrom.put(record.position(), rules);
  }

  PlanVersion version() {
    return version;
  }

  /** The plan in force. */
  Plan plan() {
    return inForce;
  }

  RuleBook rules() {
    return rules;
  }

  /** The rules that held after this position. */
  RuleBook rulesAfter(long position) {
    Map.Entry<Long, RuleBook> then = rulesFrom.floorEntry(position);
    return then == null ? RuleBook.DEFAULT : then.getValue();
  }

  PlanScope scope() {
    return scope;
  }

  static PlanScope scope(Plan plan, PlanVersion version, long position) {
    return new PlanScope(
        version.number(),
        plan.tables().stream().map(TablePattern::text).toList(),
        position,
        plan.conflicts().protectedTables(),
        AgreedTypes.NONE);
  }

  /** Whether the plan in force has this very pattern. */
  boolean hasPattern(TablePattern pattern) {
    return inForce.tables().contains(pattern);
  }

  /** Whether the plan in force names the table. */
  boolean names(TableName table) {
    return inForce.covers(table);
  }

  /** Whether the table is, or once was, in the plan. */
  boolean everNamed(TableName table) {
    return everNamed.stream().anyMatch(pattern -> pattern.matches(table));
  }
}
