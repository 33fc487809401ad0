package io.spokewire.agent.schema.mysql;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.SQLException;

/** What MySQL's and MariaDB's errors mean for us. */
public final class MyFaults {
  private MyFaults() {}

  /** The fault for an error during {@code operation}; {@code place} is the database or object. */
  public static Fault of(String operation, Object place, SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    int code = e.getErrorCode();
    String reason =
        firstLine(e)
            + (code == 0 && state.isEmpty()
                ? ""
                : " [" + code + (state.isEmpty() ? "" : " " + state) + "]");
    if (code == 1045 || code == 1698 || code == 1251) {
      return Fault.of(FaultKind.REFUSED, operation, reason)
          .at(place)
          .hint("check user and credentials, and from which hosts the user may come")
          .causedBy(e);
    }
    if (reason.startsWith("Public Key Retrieval")) {
      return Fault.of(
              FaultKind.REFUSED,
              operation,
              "the server takes this user's password over TLS only, and TLS is disabled")
          .at(place)
          .hint(
              "ssl: required in agent.yaml, --database-ssl required for join; or"
                  + " ?allowPublicKeyRetrieval=true in its JDBC URL, where nobody can come between")
          .causedBy(e);
    }
    if (code == 1044 || code == 1142 || code == 1143 || code == 1227 || code == 1370) {
      return Fault.of(FaultKind.REFUSED, operation, reason)
          .at(place)
          .hint(
              "give the agent's user this right; once it has joined, spoke-agent preflight lists"
                  + " all that is missing")
          .causedBy(e);
    }
    if (code == 1049) {
      return Fault.of(FaultKind.USAGE, operation, reason)
          .at(place)
          .hint("check the database's name")
          .causedBy(e);
    }
    if (state.startsWith("08") || passes(code)) {
      return Fault.of(FaultKind.UNREACHABLE, operation, reason)
          .at(place)
          .hint("is the database server running, and can this machine reach it?")
          .healsByItself()
          .causedBy(e);
    }
    if (state.startsWith("40") || code == 1205 || code == 3572) {
      // Rolled back for a deadlock, or waited too long for a lock.
      return Fault.of(FaultKind.UNREACHABLE, operation, reason)
          .at(place)
          .healsByItself()
          .causedBy(e);
    }
    return Fault.of(FaultKind.INTERNAL, operation, reason).at(place).causedBy(e);
  }

  /** Whether the server is going, coming, full of connections, or read-only for a while. */
  private static boolean passes(int code) {
    return switch (code) {
      case 1040,
          1053,
          1077,
          1079,
          1152,
          1158,
          1159,
          1160,
          1161,
          1184,
          1203,
          1226,
          1290,
          1317,
          1836,
          1927,
          1969,
          2002,
          2003,
          2006,
          2013,
          3024,
          4031 ->
          true;
      default -> false;
    };
  }

  private static String firstLine(SQLException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
