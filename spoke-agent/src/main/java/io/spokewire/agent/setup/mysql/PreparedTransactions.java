package io.spokewire.agent.setup.mysql;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** XA transactions that are prepared and not decided: they lie on both sides of any moment. */
final class PreparedTransactions {
  private PreparedTransactions() {}

  /**
   * @param place of the server, for people
   * @throws Fault that heals, if there are some
   */
  static void demandNone(Connection connection, Object place) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("XA RECOVER")) {
      if (row.next()) {
        throw Fault.of(
                FaultKind.UNREACHABLE,
                "set up capture",
                "an XA transaction is prepared and not decided yet")
            .at(place)
            .hint("XA RECOVER names it; commit or roll it back, then give the same command again")
            .healsByItself()
            .build();
      }
    }
  }
}
