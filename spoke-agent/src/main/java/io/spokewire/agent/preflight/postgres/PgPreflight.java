package io.spokewire.agent.preflight.postgres;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.postgres.PgCatalogue;
import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Looks at a PostgreSQL database over a connection of the agent's own role. */
public final class PgPreflight implements Preflight {
  private final PgDatabase database;
  private final PreflightScope scope;
  private final String publication;
  private final String slot;
  private final boolean byTriggers;

  /**
   * @param publication what it is or will be called
   * @param slot likewise
   * @param byTriggers whether changes are captured by triggers, and not from the log
   */
  public PgPreflight(
      PgDatabase database,
      PreflightScope scope,
      String publication,
      String slot,
      boolean byTriggers) {
    this.byTriggers = byTriggers;
    this.database = database;
    this.scope = scope;
    this.publication = publication;
    this.slot = slot;
  }

  // Foreign tables too: naming one is a mistake that is worth a word.
  private static final String RELATIONS =
      """
      SELECT n.nspname AS schema, c.relname AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND c.relpersistence <> 't'
         AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'spokewire')
         AND n.nspname !~ '^pg_toast'
       ORDER BY 1, 2
      """;

  @Override
  public List<Finding> check() {
    try (Connection connection = database.connect()) {
      connection.setReadOnly(true);
      Catalogue catalogue = new Catalogue(connection);
      List<Finding> findings = new ArrayList<>();
      boolean captures = scope.direction().sends();
      boolean readsLog = captures && !byTriggers;
      ServerCheck server = new ServerCheck(catalogue, slot, scope.accepted());
      findings.addAll(server.version());
      findings.addAll(server.isPrimary());
      findings.addAll(server.durability());
      if (readsLog) {
        findings.addAll(server.logicalDecoding());
      }
      RoleCheck role = new RoleCheck(catalogue, scope);
      findings.addAll(role.attributes(readsLog));
      findings.addAll(role.ownSchema());
      Scoped scoped = scoped(connection, catalogue);
      TableCheck tableCheck =
          new TableCheck(catalogue, scope, publication, scoped.tables(), byTriggers);
      List<Finding> ofTables = tableCheck.all();
      if (scoped.demanded()) {
        findings.addAll(scoped.problems());
        findings.addAll(ofTables);
      } else {
        ofTables.forEach(finding -> findings.add(finding.atMostWarning()));
      }
      if (readsLog) {
        findings.add(tableCheck.publication(scoped.demanded()));
      }
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
      return new ServerCheck(new Catalogue(connection), slot, scope.accepted()).durability();
    } catch (SQLException e) {
      throw PgFaults.of("check the database", database, e);
    }
  }

  private record Scoped(List<LocalName> tables, boolean demanded, List<Finding> problems) {}

  private Scoped scoped(Connection connection, Catalogue catalogue) throws SQLException {
    String defaultSchema = new PgCatalogue(connection).defaultSchema();
    List<LocalName> present = new ArrayList<>();
    for (Catalogue.Row row : catalogue.rows(RELATIONS)) {
      present.add(new LocalName(row.text("schema"), row.text("name")));
    }
    if (scope.tables().isEmpty()) {
      List<LocalName> inDefault =
          present.stream().filter(t -> t.schemaName().equals(defaultSchema)).toList();
      return new Scoped(inDefault, false, List.of());
    }
    TableScope.Resolution resolved = new TableScope(scope.tables(), defaultSchema).resolve(present);
    List<Finding> problems =
        resolved.problems().stream()
            .map(p -> Finding.warning("pattern " + p.place(), p.reason(), p.hint()))
            .toList();
    return new Scoped(List.copyOf(resolved.tables().values()), true, problems);
  }
}
