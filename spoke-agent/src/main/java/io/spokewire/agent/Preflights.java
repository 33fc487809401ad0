package io.spokewire.agent;

import io.spokewire.agent.pipeline.postgres.PgPreflight;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.stream.Collectors;

/** What is missing in a database, asked before a join and by {@code preflight}. */
final class Preflights {
  private Preflights() {}

  /**
   * Refuses to go on with a database that can't be a spoke; everything missing is listed.
   *
   * @return what is worth knowing, though it blocks nothing
   */
  static List<PgPreflight.Finding> demand(Databases databases, SpokeId spoke, boolean sends) {
    List<PgPreflight.Finding> findings =
        PgPreflight.look(databases.postgres(), sends, CaptureSettings.of(spoke).publication());
    List<PgPreflight.Finding> blocking =
        findings.stream().filter(PgPreflight.Finding::blocking).toList();
    if (!blocking.isEmpty()) {
      boolean one = blocking.size() == 1;
      Fault.Builder fault =
          Fault.of(
                  blocking.stream().allMatch(PgPreflight.Finding::isAboutRights)
                      ? FaultKind.REFUSED
                      : FaultKind.USAGE,
                  "join",
                  one
                      ? blocking.getFirst().what()
                      : "the database lacks "
                          + blocking.size()
                          + " things\n"
                          + blocking.stream()
                              .map(PgPreflight.Finding::toString)
                              .collect(Collectors.joining("\n")))
              .at(databases.settings().place());
      throw (one ? fault.hint(blocking.getFirst().fix()) : fault).build();
    }
    return findings;
  }
}
