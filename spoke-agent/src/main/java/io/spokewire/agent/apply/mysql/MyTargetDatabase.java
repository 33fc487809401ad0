package io.spokewire.agent.apply.mysql;

import io.spokewire.agent.apply.table.ApplySite;
import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.apply.table.MarkRow;
import io.spokewire.agent.apply.table.Refusal;
import io.spokewire.agent.apply.table.TargetDatabase;
import io.spokewire.agent.apply.table.TargetSession;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.SQLException;
import java.util.Optional;

/**
 * MySQL or MariaDB as apply's target. Foreign keys and triggers act as for anybody; triggers can
 * see in {@code @spokewire_apply} who writes.
 *
 * @param connections where connections come from, in the database whose tables are applied to
 * @param markRow where capture is by triggers, which looks for marks in a table; else empty
 */
public record MyTargetDatabase(ConnectionSource connections, Optional<MarkRow> markRow)
    implements TargetDatabase {
  private static final int UNKNOWN_DATABASE = 1049;

  /** Where capture reads the log. */
  public MyTargetDatabase(ConnectionSource connections) {
    this(connections, Optional.empty());
  }

  @Override
  public TargetSession open(ApplySite site) throws SQLException {
    return MyTargetSession.open(connections, markRow, site);
  }

  @Override
  public Refusal refusal(SQLException e) {
    return MyErrors.refusal(e);
  }

  @Override
  public Fault unopened(SQLException e) {
    Refusal refusal = refusal(e);
    if (e.getErrorCode() == UNKNOWN_DATABASE) {
      return Fault.of(FaultKind.USAGE, "connect to the database", refusal.message())
          .hint("check the database's name in agent.yaml")
          .causedBy(e);
    }
    if (refusal.sqlState().startsWith("28")) {
      return Fault.of(FaultKind.REFUSED, "connect to the database", refusal.message())
          .hint("check user, host and credentials")
          .causedBy(e);
    }
    if (refusal.sqlState().startsWith("42")) {
      return Fault.of(FaultKind.REFUSED, "prepare database spokewire", refusal.message())
          .hint("`spoke-agent preflight` prints what to grant")
          .causedBy(e);
    }
    return Fault.of(FaultKind.UNREACHABLE, "connect to the database", refusal.message())
        .healsByItself()
        .causedBy(e);
  }
}
