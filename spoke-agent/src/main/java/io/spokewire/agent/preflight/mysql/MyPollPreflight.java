package io.spokewire.agent.preflight.mysql;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.PollCheck;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyCatalogue;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFaults;
import io.spokewire.agent.schema.mysql.MyFlavour;
import io.spokewire.agent.settings.PollSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Looks at a MySQL or MariaDB database that is to be polled. It may be a replica. */
public final class MyPollPreflight implements Preflight {
  private static final String INDEXED =
      """
      SELECT count(*) > 0 AS present FROM information_schema.statistics
       WHERE table_schema = ? AND table_name = ? AND seq_in_index = 1 AND column_name = ?
      """;

  private final MyDatabase database;
  private final PreflightScope scope;
  private final PollCheck polling;

  public MyPollPreflight(MyDatabase database, PreflightScope scope, PollSettings settings) {
    this.database = database;
    this.scope = scope;
    this.polling = new PollCheck(scope, settings, MyDatabase::quoted);
  }

  @Override
  public List<Finding> check() {
    try (Connection connection = database.connect()) {
      Catalogue catalogue = new Catalogue(connection);
      MyFlavour flavour = MyFlavour.of(connection);
      ServerCheck server = new ServerCheck(catalogue, flavour, scope.accepted());
      List<Finding> findings = new ArrayList<>(polling.general());
      findings.addAll(server.version());
      findings.addAll(server.durability());
      UserCheck user = new UserCheck(catalogue, Grants.of(connection), flavour);
      findings.addAll(user.power());
      MyCatalogue tables = new MyCatalogue(connection);
      TableScope wanted = new TableScope(polling.patterns(), tables.defaultSchema());
      findings.addAll(unreadable(catalogue, wanted, user));
      findings.addAll(polling.tables(tables.read(wanted, Set.of()), new MyTables(catalogue)));
      findings.sort(Comparator.comparing(Finding::severity));
      return List.copyOf(findings);
    } catch (SQLException e) {
      throw MyFaults.of("check the database", database, e);
    }
  }

  @Override
  public List<Finding> weaknesses() {
    try (Connection connection = database.connect()) {
      return new ServerCheck(new Catalogue(connection), MyFlavour.of(connection), scope.accepted())
          .durability();
    } catch (SQLException e) {
      throw MyFaults.of("check the database", database, e);
    }
  }

  /** The server does not show the columns of such tables. */
  private List<Finding> unreadable(Catalogue catalogue, TableScope wanted, UserCheck user)
      throws SQLException {
    List<Finding> findings = new ArrayList<>();
    for (Catalogue.Row row : catalogue.rows(MyPreflight.TABLES)) {
      LocalName table = new LocalName(row.text("db"), row.text("name"));
      List<String> lacking = user.lacking(table, List.of("SELECT"));
      if (wanted.nameOf(table).isPresent() && !lacking.isEmpty()) {
        Finding finding =
            Finding.error("table " + table, "may not be read", user.grant(lacking, table));
        findings.add(scope.tables().isEmpty() ? finding.atMostWarning() : finding);
      }
    }
    return findings;
  }

  private record MyTables(Catalogue catalogue) implements PollCheck.Tables {
    @Override
    public List<Finding> rights(LocalTable table, String subject) {
      return List.of(); // what is seen with its columns may be read
    }

    @Override
    public boolean isIndexed(LocalTable table, String column) throws SQLException {
      return catalogue.row(INDEXED, table.schemaName(), table.tableName(), column).yes("present");
    }
  }
}
