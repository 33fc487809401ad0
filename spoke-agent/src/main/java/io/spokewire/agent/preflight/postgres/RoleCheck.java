package io.spokewire.agent.preflight.postgres;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.PreflightScope;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The agent's role: enough rights, and not more than needed. */
final class RoleCheck {
  private final Catalogue catalogue;
  private final PreflightScope scope;

  RoleCheck(Catalogue catalogue, PreflightScope scope) {
    this.catalogue = catalogue;
    this.scope = scope;
  }

  List<Finding> attributes(boolean captures) throws SQLException {
    Catalogue.Row role =
        catalogue.row(
            "SELECT quote_ident(rolname) AS name, rolsuper, rolreplication, rolcreaterole,"
                + " rolbypassrls FROM pg_roles WHERE rolname = current_user");
    String name = role.text("name");
    String subject = "role " + name;
    List<Finding> findings = new ArrayList<>();
    if (role.yes("rolsuper")) {
      findings.add(
          Finding.warning(
              subject,
              "is a superuser; the agent needs no such rights, and code of a table's owner (a"
                  + " trigger, an index expression) runs with them",
              "CREATE ROLE spokewire LOGIN REPLICATION PASSWORD '...'; -- and join with it"));
      return findings;
    }
    if (captures && !role.yes("rolreplication")) {
      findings.add(
          Finding.error(subject, "lacks REPLICATION", "ALTER ROLE " + name + " REPLICATION;"));
    }
    if (role.yes("rolcreaterole")) {
      findings.add(
          Finding.warning(
              subject,
              "may create roles, which the agent never does",
              "ALTER ROLE " + name + " NOCREATEROLE;"));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok(subject, captures ? "may read the log" : "needs no REPLICATION"));
    }
    return findings;
  }

  List<Finding> ownSchema() throws SQLException {
    Catalogue.Row state =
        catalogue.row(
            """
            SELECT quote_ident(current_user) AS name, quote_ident(current_database()) AS database,
                   has_database_privilege(current_database(), 'CREATE') AS may_create,
                   n.oid IS NOT NULL AS present,
                   coalesce(has_schema_privilege(n.oid, 'CREATE')
                            AND has_schema_privilege(n.oid, 'USAGE'), false) AS may_use
              FROM (VALUES (1)) AS one
              LEFT JOIN pg_namespace n ON n.nspname = 'spokewire'
            """);
    if (state.yes("present")) {
      return List.of(
          state.yes("may_use")
              ? Finding.ok("schema spokewire", "exists for spoke " + scope.spoke())
              : Finding.error(
                  "schema spokewire",
                  "exists, but this role may not create tables in it",
                  "GRANT CREATE, USAGE ON SCHEMA spokewire TO " + state.text("name") + ";"));
    }
    return List.of(
        state.yes("may_create")
            ? Finding.ok("schema spokewire", "can be created")
            : Finding.error(
                "schema spokewire",
                "is missing, and this role may not create it",
                "GRANT CREATE ON DATABASE "
                    + state.text("database")
                    + " TO "
                    + state.text("name")
                    + "; -- or CREATE SCHEMA spokewire AUTHORIZATION "
                    + state.text("name")
                    + ";"));
  }
}
