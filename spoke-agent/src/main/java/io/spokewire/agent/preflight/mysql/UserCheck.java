package io.spokewire.agent.preflight.mysql;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFlavour;
import io.spokewire.common.id.Direction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The agent's user: enough rights, and not more than needed. */
final class UserCheck {
  private static final List<String> ON_OWN =
      List.of("CREATE", "DROP", "ALTER", "INDEX", "SELECT", "INSERT", "UPDATE", "DELETE");

  private final Catalogue catalogue;
  private final Grants grants;
  private final MyFlavour flavour;

  UserCheck(Catalogue catalogue, Grants grants, MyFlavour flavour) {
    this.catalogue = catalogue;
    this.grants = grants;
    this.flavour = flavour;
  }

  List<Finding> rights(Direction direction, boolean byTriggers) throws SQLException {
    List<Finding> findings = new ArrayList<>(power());
    if (direction.sends() && byTriggers) {
      findings.addAll(triggers());
    } else if (direction.sends()) {
      List<String> log = new ArrayList<>();
      if (!mayRead("REPLICATION SLAVE")) {
        log.add("REPLICATION SLAVE");
      }
      if (!mayRead("REPLICATION CLIENT") && !mayRead("BINLOG MONITOR")) {
        log.add(flavour == MyFlavour.MARIADB ? "BINLOG MONITOR" : "REPLICATION CLIENT");
      }
      if (flavour == MyFlavour.MYSQL && !mayRead("XA_RECOVER_ADMIN")) {
        log.add("XA_RECOVER_ADMIN"); // what is prepared while capture begins would be missed
      }
      findings.add(
          log.isEmpty()
              ? Finding.ok(subject(), "may read the binlog")
              : Finding.error(
                  subject(),
                  "lacks " + String.join(", ", log),
                  "GRANT " + String.join(", ", log) + " ON *.* TO " + grants.user() + ";"));
    }
    findings.add(own(direction.sends() && byTriggers));
    return findings;
  }

  /** Whether it may do more than any agent needs. */
  List<Finding> power() {
    return grants.everywhere("SUPER") || grants.everywhere("ALL PRIVILEGES")
        ? List.of(
            Finding.warning(
                subject(),
                "may do everything on this server; the agent needs no such rights",
                "CREATE USER spokewire IDENTIFIED BY '...'; -- and join with it"))
        : List.of();
  }

  private List<Finding> triggers() {
    List<Finding> findings = new ArrayList<>();
    if (!mayRead("PROCESS")) {
      findings.add(
          Finding.warning(
              subject(),
              "lacks PROCESS: it can't tell which numbers of the change log will never come, and"
                  + " looks for every one of a transaction that was rolled back",
              "GRANT PROCESS ON *.* TO " + grants.user() + ";"));
    }
    if (flavour == MyFlavour.MYSQL
        && !grants.on("SELECT", "performance_schema", "events_transactions_current")) {
      findings.add(
          Finding.warning(
              subject(),
              "lacks SELECT on performance_schema: triggers can't tell transactions apart, and what"
                  + " was committed together arrives in pieces",
              "GRANT SELECT ON performance_schema.* TO " + grants.user() + ";"));
    }
    return findings;
  }

  /** Which of these rights on a table are missing. */
  List<String> lacking(LocalName table, List<String> rights) {
    return rights.stream()
        .filter(right -> !grants.on(right, table.schemaName(), table.tableName()))
        .toList();
  }

  /** The statement that gives them. */
  String grant(List<String> rights, LocalName table) {
    return "GRANT "
        + String.join(", ", rights)
        + " ON "
        + MyDatabase.quoted(table.schemaName())
        + ".* TO "
        + grants.user()
        + ";";
  }

  private Finding own(boolean locks) throws SQLException {
    List<String> needed = new ArrayList<>(ON_OWN);
    if (locks) {
      needed.add("LOCK TABLES"); // together with the tables on which triggers are made
    }
    List<String> lacking =
        needed.stream().filter(right -> !grants.on(right, "spokewire", "*")).toList();
    boolean present =
        catalogue
                .row(
                    "SELECT count(*) AS n FROM information_schema.schemata"
                        + " WHERE schema_name = 'spokewire'")
                .number("n")
            > 0;
    return lacking.isEmpty()
        ? Finding.ok("database spokewire", present ? "exists" : "can be created")
        : Finding.error(
            "database spokewire",
            "can't be kept by this user: it lacks " + String.join(", ", lacking),
            "GRANT " + String.join(", ", lacking) + " ON spokewire.* TO " + grants.user() + ";");
  }

  private boolean mayRead(String right) {
    return grants.everywhere(right);
  }

  private String subject() {
    return "user " + grants.user();
  }
}
