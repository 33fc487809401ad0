package io.spokewire.agent;

import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.Finding.Severity;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.stream.Collectors;

/** What is missing in a database, asked before a join. */
final class Preflights {
  private Preflights() {}

  /**
   * Refuses to go on with a database that can't be a spoke; everything missing is listed.
   *
   * @return what is worth knowing, though it blocks nothing. Nothing about single tables: which of
   *     them the plan names is not known yet
   */
  static List<Finding> demand(
      Engine engine, DatabaseSettings database, SpokeId spoke, Direction direction) {
    List<Finding> findings = engine.preflight(spoke, direction, List.of()).check();
    refuse(findings, "join", database);
    return with(findings, Severity.WARNING).stream().filter(f -> !f.isOfTable()).toList();
  }

  /**
   * Refuses to run beside a database whose settings may lose changes, unless they are accepted.
   *
   * @return those that are
   */
  static List<Finding> demandDurable(
      Engine engine, DatabaseSettings database, SpokeId spoke, Direction direction) {
    List<Finding> findings = engine.preflight(spoke, direction, List.of()).weaknesses();
    refuse(findings, "run", database);
    return with(findings, Severity.WARNING);
  }

  private static void refuse(List<Finding> findings, String operation, DatabaseSettings database) {
    List<Finding> errors = with(findings, Severity.ERROR);
    if (errors.isEmpty()) {
      return;
    }
    boolean one = errors.size() == 1;
    Fault.Builder fault =
        Fault.of(
                errors.stream().allMatch(Finding::isAboutRights)
                    ? FaultKind.REFUSED
                    : FaultKind.USAGE,
                operation,
                one
                    ? errors.getFirst().sentence()
                    : "the database lacks "
                        + errors.size()
                        + " things\n"
                        + errors.stream().map(Finding::toString).collect(Collectors.joining("\n")))
            .at(database.place());
    throw (one ? fault.hint(errors.getFirst().action()) : fault).build();
  }

  private static List<Finding> with(List<Finding> findings, Severity severity) {
    return findings.stream().filter(finding -> finding.severity() == severity).toList();
  }
}
