package io.spokewire.agent;

import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.Finding.Severity;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.preflight.postgres.PgPreflight;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is missing in a database, asked before a join and by {@code preflight}. */
final class Preflights {
  private static final Logger LOG = LoggerFactory.getLogger(Preflights.class);

  private Preflights() {}

  /**
   * The preflight of a database.
   *
   * @param patterns the plan's tables; empty before the first plan
   */
  static Preflight of(
      Databases databases,
      SpokeId spoke,
      Direction direction,
      CaptureSettings capture,
      List<String> patterns) {
    return new PgPreflight(
        databases.postgres(),
        new PreflightScope(
            spoke,
            direction,
            capture.slot(),
            capture.publication(),
            patterns.stream().map(TablePattern::new).toList()));
  }

  /** Refuses to go on with a database that can't be a spoke; everything missing is listed. */
  static void demand(Databases databases, SpokeId spoke) {
    // Which way the spoke goes is known once its token is redeemed: what both ways need is asked.
    List<Finding> findings =
        of(databases, spoke, Direction.BOTH, CaptureSettings.of(spoke), List.of()).check();
    List<Finding> errors = with(findings, Severity.ERROR);
    if (!errors.isEmpty()) {
      Finding first = errors.getFirst();
      boolean one = errors.size() == 1;
      Fault.Builder fault =
          Fault.of(
                  FaultKind.USAGE,
                  "join",
                  one
                      ? first.subject() + ": " + first.problem()
                      : "the database lacks "
                          + errors.size()
                          + " things\n"
                          + errors.stream()
                              .map(Finding::toString)
                              .collect(Collectors.joining("\n")))
              .at(databases.settings().place());
      throw (one ? fault.hint(first.action()) : fault).build();
    }
    List<Finding> warnings = with(findings, Severity.WARNING);
    // Which of its tables the plan names is not known yet.
    warnings.stream()
        .filter(finding -> !finding.isOfTable())
        .forEach(finding -> LOG.warn("{}", finding));
    long ofTables = warnings.stream().filter(Finding::isOfTable).count();
    if (ofTables > 0) {
      LOG.info("{} remarks on tables; `spoke-agent preflight` shows them", ofTables);
    }
  }

  private static List<Finding> with(List<Finding> findings, Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).toList();
  }
}
