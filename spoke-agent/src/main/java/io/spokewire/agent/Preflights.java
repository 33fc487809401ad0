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

/** What is missing in a database, asked before a join and by {@code preflight}. */
final class Preflights {
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

  /**
   * Refuses to go on with a database that can't be a spoke; everything missing is listed.
   *
   * @return what is worth knowing, though it blocks nothing. Nothing about single tables: which of
   *     them the plan names is not known yet
   */
  static List<Finding> demand(Databases databases, SpokeId spoke, Direction direction) {
    List<Finding> findings =
        of(databases, spoke, direction, CaptureSettings.of(spoke), List.of()).check();
    List<Finding> errors = with(findings, Severity.ERROR);
    if (!errors.isEmpty()) {
      boolean one = errors.size() == 1;
      Fault.Builder fault =
          Fault.of(
                  errors.stream().allMatch(Finding::isAboutRights)
                      ? FaultKind.REFUSED
                      : FaultKind.USAGE,
                  "join",
                  one
                      ? errors.getFirst().sentence()
                      : "the database lacks "
                          + errors.size()
                          + " things\n"
                          + errors.stream()
                              .map(Finding::toString)
                              .collect(Collectors.joining("\n")))
              .at(databases.settings().place());
      throw (one ? fault.hint(errors.getFirst().action()) : fault).build();
    }
    return with(findings, Severity.WARNING).stream().filter(f -> !f.isOfTable()).toList();
  }

  private static List<Finding> with(List<Finding> findings, Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).toList();
  }
}
