package io.spokewire.hub.pipeline;

import io.spokewire.hub.stream.PlanScope;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.topology.Spoke;
import java.util.List;

/**
 * Decides whether a spoke that joins may be live: its data must be known to equal the others'.
 * Pure.
 */
final class Joining {
  private Joining() {}

  /** The decision. */
  sealed interface Decision {
    /**
     * @param assumed whether that is only the operator's word
     */
    record Live(boolean assumed) implements Decision {}

    /**
     * @param reason for people
     */
    record Wait(String reason) implements Decision {}
  }

  /**
   * @param report the spoke's tables under the plan in force
   * @param misfits columns there that the plan's rules can't decide about
   * @param types columns there that do not go with the members'
   * @param typesInUse whether its agent uses the types that are agreed
   * @param members every spoke of the topology
   * @param logIsWhole whether the log still reaches back to its beginning
   */
  static Decision decide(
      Spoke spoke,
      PlanScope plan,
      TableReport report,
      List<String> misfits,
      List<String> types,
      boolean typesInUse,
      List<Spoke> members,
      boolean logIsWhole) {
    if (plan.version() == 0) {
      return new Decision.Wait("no plan is in force yet: syncadm plan apply -f FILE");
    }
    if (report.planVersion() != plan.version()) {
      return new Decision.Wait("its tables under plan " + plan.version() + " are not known yet");
    }
    if (!misfits.isEmpty()) {
      return new Decision.Wait(
          String.join("; ", misfits) + ": give the column another rule, or another type there");
    }
    if (!types.isEmpty()) {
      return new Decision.Wait("types do not go together: " + String.join("; ", types));
    }
    if (!typesInUse) {
      return new Decision.Wait("its agent is yet to use the types that the others agreed on");
    }
    List<String> filled =
        report.tables().stream()
            .filter(t -> !t.emptyAtStart())
            .map(t -> t.table().name())
            .sorted()
            .toList();
    boolean othersBeganEmpty =
        members.stream()
            .filter(m -> !m.id().equals(spoke.id()))
            .filter(m -> m.standing() != Spoke.Standing.JOINING)
            .noneMatch(Spoke::assumeIdentical);
    if (filled.isEmpty() && othersBeganEmpty && logIsWhole) {
      return new Decision.Live(false);
    }
    if (spoke.assumeIdentical()) {
      return new Decision.Live(true);
    }
    String why =
        !filled.isEmpty()
            ? (filled.size() == 1 ? "table " : "tables ")
                + sample(filled)
                + " had rows when it joined"
            : othersBeganEmpty
                ? "the log no longer reaches back to its beginning"
                : "another spoke had rows when it joined";
    return new Decision.Wait(
        why
            + ": if its data equals the others', say so: `plan apply --assume-identical` while no"
            + " spoke is live; later remove it and join it again with --assume-identical");
  }

  private static String sample(List<String> names) {
    return names.size() <= 3
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, 3)) + " and " + (names.size() - 3) + " more";
  }
}
