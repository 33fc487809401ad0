package io.spokewire.agent.apply.postgres;

import io.spokewire.agent.apply.table.ApplySite;
import io.spokewire.agent.apply.table.ConnectionSource;
import io.spokewire.agent.apply.table.MarkRow;
import io.spokewire.agent.apply.table.Refusal;
import io.spokewire.agent.apply.table.Refusal.Kind;
import io.spokewire.agent.apply.table.Refusal.Scope;
import io.spokewire.agent.apply.table.TargetDatabase;
import io.spokewire.agent.apply.table.TargetSession;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * PostgreSQL as apply's target. Foreign keys and triggers rest where the agent's role has the right
 * to set {@code session_replication_role}.
 *
 * @param connections where connections come from
 * @param markRow where capture is by triggers, which looks for marks in a table; else empty
 */
public record PgTargetDatabase(ConnectionSource connections, Optional<MarkRow> markRow)
    implements TargetDatabase {
  private static final Set<String> SHUTDOWN = Set.of("57P01", "57P02", "57P03", "57P05");
  // Serialization, deadlock, lock not available, a timeout of the server, a server that is
  // read-only for now (a standby before its promotion).
  private static final Set<String> TRANSIENT = Set.of("40001", "40P01", "55P03", "57014", "25006");
  // Unknown column, table, type, statement name; "cached plan must not change result type".
  private static final Set<String> OUTDATED =
      Set.of("42703", "42P01", "42704", "26000", "0A000", "XX000", "42P10");
  private static final String TAKEN = "23505";

  /** Where capture reads the log. */
  public PgTargetDatabase(ConnectionSource connections) {
    this(connections, Optional.empty());
  }

  @Override
  public TargetSession open(ApplySite site) throws SQLException {
    return PgTargetSession.open(connections, markRow, site);
  }

  @Override
  public Refusal refusal(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    Scope scope =
        state.startsWith("42") ? Scope.TABLE : state.equals(TAKEN) ? Scope.TAKEN : Scope.ROW;
    return new Refusal(kind(state), scope, state, message(e));
  }

  private static Kind kind(String state) {
    if (state.isEmpty() || state.startsWith("08") || SHUTDOWN.contains(state)) {
      return Kind.CONNECTION;
    }
    // Class 53: out of disk, memory or connections.
    if (TRANSIENT.contains(state) || state.startsWith("53")) {
      return Kind.FOR_NOW;
    }
    return OUTDATED.contains(state) ? Kind.STALE : Kind.FOR_GOOD;
  }

  @Override
  public Fault unopened(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    String message = message(e);
    if (state.startsWith("28")) {
      return Fault.of(FaultKind.REFUSED, "connect to the database", message)
          .hint("check user, credentials and pg_hba.conf")
          .causedBy(e);
    }
    if (state.equals("42501")) {
      return Fault.of(FaultKind.REFUSED, "prepare schema spokewire", message)
          .hint("`spoke-agent preflight` prints what to grant")
          .causedBy(e);
    }
    if (state.equals("3D000")) {
      return Fault.of(FaultKind.USAGE, "connect to the database", message)
          .hint("check the database's name in agent.yaml")
          .causedBy(e);
    }
    return Fault.of(FaultKind.UNREACHABLE, "connect to the database", message)
        .healsByItself()
        .causedBy(e);
  }

  /** What the server said, in one line; its detail would show the row. */
  private static String message(SQLException e) {
    if (e instanceof PSQLException p) {
      ServerErrorMessage server = p.getServerErrorMessage();
      if (server != null && server.getMessage() != null) {
        return server.getMessage();
      }
    }
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
