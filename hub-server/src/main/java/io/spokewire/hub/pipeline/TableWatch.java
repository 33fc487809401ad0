package io.spokewire.hub.pipeline;

import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.observe.Notices;
import io.spokewire.hub.observe.Notices.Gravity;
import io.spokewire.hub.observe.Notices.Notice;
import io.spokewire.hub.observe.Notices.Subject;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.stream.TableReport.TableProblem;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.Spoke.Standing;
import io.spokewire.hub.topology.SpokeBoard;
import java.util.List;
import java.util.stream.Stream;

/**
 * Shows what stands between the plan and a spoke's tables. At a spoke that has joined it is a
 * notice, too: everything else there goes on, so nothing but that would tell. Owned by the
 * sequencing loop.
 */
final class TableWatch {
  private final SpokeBoard board;
  private final Notices notices;

  TableWatch(SpokeBoard board, Notices notices) {
    this.board = board;
    this.notices = notices;
  }

  /**
   * @param misfits of its types with those of the others; one line each
   */
  void look(Spoke spoke, TableReport report, List<String> misfits) {
    List<String> problems = lines(misfits, report.problems().stream());
    board.update(spoke.id(), r -> r.withTables(report.tables(), problems));
    List<String> grave = lines(misfits, report.problems().stream().filter(TableProblem::fatal));
    if (grave.isEmpty() || spoke.standing() == Standing.JOINING) {
      notices.clear(subject(spoke.id()));
      return;
    }
    String others = grave.size() == 1 ? "" : ", and " + (grave.size() - 1) + " more";
    notices.raise(
        subject(spoke.id()),
        new Notice(
            Gravity.WARNING,
            "not replicated as planned at " + spoke.id() + ": " + grave.getFirst() + others,
            "all of it: syncadm topology show " + spoke.id()));
  }

  void forget(SpokeId spoke) {
    notices.clear(subject(spoke));
  }

  private static List<String> lines(List<String> misfits, Stream<TableProblem> problems) {
    return Stream.concat(misfits.stream(), problems.map(TableProblem::line)).distinct().toList();
  }

  private static Subject subject(SpokeId spoke) {
    return new Subject("tables", spoke.name());
  }
}
