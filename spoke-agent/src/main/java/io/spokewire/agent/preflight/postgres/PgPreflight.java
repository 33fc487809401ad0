package io.spokewire.agent.preflight.postgres;

import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Direction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Looks at a PostgreSQL database over a connection of the agent's own role. */
public final class PgPreflight implements Preflight {
  private final Connections connections;
  private final PreflightScope scope;

  public PgPreflight(Connections connections, PreflightScope scope) {
    this.connections = connections;
    this.scope = scope;
  }

  /** Opens a connection as the agent's role; the caller closes it. */
  public interface Connections {
    Connection open() throws SQLException;
  }

  @Override
  public List<Finding> check() {
    try (Connection connection = connections.open()) {
      connection.setReadOnly(true);
      Catalogue catalogue = new Catalogue(connection);
      List<Finding> findings = new ArrayList<>();
      boolean captures = scope.direction() != Direction.PULL;
      boolean applies = scope.direction() != Direction.PUSH;
      ServerCheck server = new ServerCheck(catalogue, scope);
      findings.addAll(server.version());
      findings.addAll(server.durability());
      if (captures) {
        findings.addAll(server.logicalDecoding());
      }
      RoleCheck role = new RoleCheck(catalogue, scope);
      findings.addAll(role.attributes(captures));
      findings.addAll(role.ownSchema());
      TableCheck tables = new TableCheck(catalogue, scope, captures, applies);
      findings.addAll(tables.all());
      findings.sort(Comparator.comparing(Finding::severity));
      return List.copyOf(findings);
    } catch (SQLException e) {
      throw unreachable(e);
    }
  }

  private static Fault unreachable(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    if (state.startsWith("28")) {
      return Fault.of(FaultKind.REFUSED, "connect to the database", reason)
          .hint("check user, credentials and pg_hba.conf")
          .causedBy(e);
    }
    return Fault.of(FaultKind.UNREACHABLE, "look at the database", reason)
        .healsByItself()
        .causedBy(e);
  }
}
