package io.spokewire.agent.schema.postgres;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.SQLException;

/** What PostgreSQL's errors mean for us. */
public final class PgFaults {
  private PgFaults() {}

  /** The fault for an error during {@code operation}; {@code place} is the database or object. */
  public static Fault of(String operation, Object place, SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String reason = firstLine(e) + (state.isEmpty() ? "" : " [" + state + "]");
    if (state.startsWith("08") || state.startsWith("57P") || state.equals("57014")) {
      return Fault.of(FaultKind.UNREACHABLE, operation, reason)
          .at(place)
          .hint("is the database server running, and can this machine reach it?")
          .healsByItself()
          .causedBy(e);
    }
    if (state.equals("3D000")) {
      return Fault.of(FaultKind.USAGE, operation, reason)
          .at(place)
          .hint("check the database's name")
          .causedBy(e);
    }
    if (state.startsWith("28")) {
      return Fault.of(FaultKind.REFUSED, operation, reason)
          .at(place)
          .hint("check user, credentials and pg_hba.conf")
          .causedBy(e);
    }
    if (state.equals("42501")) {
      return Fault.of(FaultKind.REFUSED, operation, reason)
          .at(place)
          .hint(
              "give the agent's role this right; once it has joined, spoke-agent preflight lists"
                  + " all that is missing")
          .causedBy(e);
    }
    if (state.startsWith("53")
        || state.equals("55006")
        || state.equals("55P03")
        || state.startsWith("40")) {
      // Out of some resource, object in use or locked, transaction rolled back: all pass.
      return Fault.of(FaultKind.UNREACHABLE, operation, reason)
          .at(place)
          .healsByItself()
          .causedBy(e);
    }
    return Fault.of(FaultKind.INTERNAL, operation, reason).at(place).causedBy(e);
  }

  private static String firstLine(SQLException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
