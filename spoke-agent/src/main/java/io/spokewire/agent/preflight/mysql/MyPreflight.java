package io.spokewire.agent.preflight.mysql;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFaults;
import io.spokewire.agent.schema.mysql.MyFlavour;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Looks at a MySQL or MariaDB database over a connection of the agent's own user. */
public final class MyPreflight implements Preflight {
  static final String TABLES =
      """
      SELECT table_schema AS db, table_name AS name FROM information_schema.tables
       WHERE table_type = 'BASE TABLE'
         AND table_schema NOT IN
             ('mysql', 'sys', 'information_schema', 'performance_schema', 'spokewire')
       ORDER BY 1, 2
      """;

  private final MyDatabase database;
  private final PreflightScope scope;
  private final boolean byTriggers;

  /**
   * @param byTriggers whether changes are captured by triggers, and not from the binlog
   */
  public MyPreflight(MyDatabase database, PreflightScope scope, boolean byTriggers) {
    this.byTriggers = byTriggers;
    this.database = database;
    this.scope = scope;
  }

  @Override
  public List<Finding> check() {
    try (Connection connection = database.connect()) {
      Catalogue catalogue = new Catalogue(connection);
      MyFlavour flavour = MyFlavour.of(connection);
      boolean captures = scope.direction().sends();
      List<Finding> findings = new ArrayList<>();
      ServerCheck server = new ServerCheck(catalogue, flavour, scope.accepted());
      findings.addAll(server.version());
      findings.addAll(server.durability());
      if (captures) {
        findings.addAll(byTriggers ? server.triggers() : server.binlog());
      }
      if (scope.direction().receives()) {
        findings.addAll(server.isWritable());
      }
      Scoped scoped = scoped(connection, catalogue);
      UserCheck user = new UserCheck(catalogue, Grants.of(connection), flavour);
      findings.addAll(user.rights(scope.direction(), byTriggers));
      TableCheck tables = new TableCheck(catalogue, user, scope.direction(), byTriggers);
      for (LocalName table : scoped.tables()) {
        for (Finding finding : tables.one(table)) {
          findings.add(scoped.demanded() ? finding : finding.atMostWarning());
        }
      }
      findings.addAll(scoped.problems());
      findings.sort(Comparator.comparing(Finding::severity));
      return List.copyOf(findings);
    } catch (SQLException e) {
      throw MyFaults.of("check the database", database, e);
    }
  }

  @Override
  public List<Finding> weaknesses() {
    try (Connection connection = database.connect()) {
      Catalogue catalogue = new Catalogue(connection);
      ServerCheck server = new ServerCheck(catalogue, MyFlavour.of(connection), scope.accepted());
      List<Finding> findings = new ArrayList<>(server.durability());
      if (scope.direction().sends() && !byTriggers) {
        findings.addAll(server.binlogDurability());
      }
      return findings;
    } catch (SQLException e) {
      throw MyFaults.of("check the database", database, e);
    }
  }

  private record Scoped(List<LocalName> tables, boolean demanded, List<Finding> problems) {}

  private Scoped scoped(Connection connection, Catalogue catalogue) throws SQLException {
    String home = new MyCatalogue(connection).defaultSchema();
    List<LocalName> present = new ArrayList<>();
    for (Catalogue.Row row : catalogue.rows(TABLES)) {
      present.add(new LocalName(row.text("db"), row.text("name")));
    }
    if (scope.tables().isEmpty()) {
      return new Scoped(
          present.stream().filter(t -> t.schemaName().equals(home)).toList(), false, List.of());
    }
    TableScope.Resolution resolved = new TableScope(scope.tables(), home).resolve(present);
    List<Finding> problems =
        resolved.problems().stream()
            .map(p -> Finding.warning("pattern " + p.place(), p.reason(), p.hint()))
            .toList();
    return new Scoped(List.copyOf(resolved.tables().values()), true, problems);
  }
}
