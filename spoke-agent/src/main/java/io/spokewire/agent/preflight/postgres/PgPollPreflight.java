package io.spokewire.agent.preflight.postgres;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.PollCheck;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.agent.settings.PollSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Looks at a PostgreSQL database that is to be polled. It may be a standby. */
public final class PgPollPreflight implements Preflight {
  private static final String RIGHTS =
      """
      SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS may,
             row_security_active(c.oid) AS hidden, quote_ident(current_user) AS role,
             quote_ident(n.nspname) AS schema, format('%I.%I', n.nspname, c.relname) AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ? AND c.relname = ?
      """;

  private static final String INDEXED =
      """
      SELECT count(*) > 0 AS present FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
       WHERE i.indisvalid AND i.indpred IS NULL AND n.nspname = ? AND c.relname = ?
         AND a.attname = ?
      """;

  private final PgDatabase database;
  private final PreflightScope scope;
  private final PollCheck polling;

  public PgPollPreflight(PgDatabase database, PreflightScope scope, PollSettings settings) {
    this.database = database;
    this.scope = scope;
    this.polling = new PollCheck(scope, settings, PgDatabase::quoted);
  }

  @Override
  public List<Finding> check() {
    try (Connection connection = database.connect()) {
      connection.setReadOnly(true);
      Catalogue catalogue = new Catalogue(connection);
      ServerCheck server = new ServerCheck(catalogue, "", scope.accepted());
      List<Finding> findings = new ArrayList<>(polling.general());
      findings.addAll(server.version());
      findings.addAll(server.durability());
      findings.addAll(new RoleCheck(catalogue, scope).attributes(false));
      PgCatalogue tables = PgCatalogue.withWholeImages(connection);
      TableScope wanted = new TableScope(polling.patterns(), tables.defaultSchema());
      findings.addAll(polling.tables(tables.read(wanted, Set.of()), new PgTables(catalogue)));
      findings.sort(Comparator.comparing(Finding::severity));
      return List.copyOf(findings);
    } catch (SQLException e) {
      throw PgFaults.of("check the database", database, e);
    }
  }

  @Override
  public List<Finding> weaknesses() {
    try (Connection connection = database.connect()) {
      connection.setReadOnly(true);
      return new ServerCheck(new Catalogue(connection), "", scope.accepted()).durability();
    } catch (SQLException e) {
      throw PgFaults.of("check the database", database, e);
    }
  }

  private record PgTables(Catalogue catalogue) implements PollCheck.Tables {
    @Override
    public List<Finding> rights(LocalTable table, String subject) throws SQLException {
      Catalogue.Row row = catalogue.row(RIGHTS, table.schemaName(), table.tableName());
      if (!row.yes("may")) {
        return List.of(
            Finding.error(
                subject,
                "may not be read",
                "GRANT USAGE ON SCHEMA "
                    + row.text("schema")
                    + " TO "
                    + row.text("role")
                    + "; GRANT SELECT ON "
                    + row.text("name")
                    + " TO "
                    + row.text("role")
                    + ";"));
      }
      return row.yes("hidden")
          ? List.of(
              Finding.error(
                  subject,
                  "has row security that hides rows from this role",
                  "ALTER ROLE " + row.text("role") + " BYPASSRLS;"))
          : List.of();
    }

    @Override
    public boolean isIndexed(LocalTable table, String column) throws SQLException {
      return catalogue.row(INDEXED, table.schemaName(), table.tableName(), column).yes("present");
    }
  }
}
