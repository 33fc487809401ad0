package io.spokewire.agent.preflight.mysql;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.common.id.Direction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** One table of the plan: engine, rights, key, what the binlog would not hold, what would fire. */
final class TableCheck {
  private static final String TABLE =
      """
      SELECT t.engine AS engine,
             (SELECT count(*) FROM information_schema.columns c
               WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name
                 AND c.extra LIKE '%auto_increment%') AS counts
        FROM information_schema.tables t
       WHERE table_schema = ? AND table_name = ? AND table_type = 'BASE TABLE'
      """;

  private static final String PRIMARY_KEY =
      """
      SELECT count(*) AS columns FROM information_schema.statistics
       WHERE table_schema = ? AND table_name = ? AND index_name = 'PRIMARY'
      """;

  // Rows of the child that the server changes by itself when its parent's row changes.
  private static final String CASCADES =
      """
      SELECT constraint_name AS name, referenced_table_name AS parent,
             delete_rule AS on_delete, update_rule AS on_update
        FROM information_schema.referential_constraints
       WHERE constraint_schema = ? AND table_name = ?
         AND (delete_rule IN ('CASCADE', 'SET NULL') OR update_rule IN ('CASCADE', 'SET NULL'))
       ORDER BY constraint_name
      """;

  private static final String TRIGGERS =
      """
      SELECT trigger_name AS name, action_statement LIKE '%@spokewire_apply%' AS guarded
        FROM information_schema.triggers
       WHERE event_object_schema = ? AND event_object_table = ?
         AND trigger_name NOT LIKE 'spokewire\\_%'
       ORDER BY trigger_name
      """;

  private final Catalogue catalogue;
  private final UserCheck user;
  private final Direction direction;
  private final boolean byTriggers;

  TableCheck(Catalogue catalogue, UserCheck user, Direction direction, boolean byTriggers) {
    this.byTriggers = byTriggers;
    this.catalogue = catalogue;
    this.user = user;
    this.direction = direction;
  }

  List<Finding> one(LocalName table) throws SQLException {
    String subject = "table " + table;
    Catalogue.Row row = catalogue.row(TABLE, table.schemaName(), table.tableName());
    List<Finding> findings = new ArrayList<>();
    if (row.cells().isEmpty()) {
      findings.add(Finding.error(subject, "does not exist", "create it, or change the plan"));
      return findings;
    }
    String name = MyDatabase.quoted(table.schemaName(), table.tableName());
    if (!row.text("engine").equalsIgnoreCase("InnoDB")) {
      findings.add(
          Finding.error(
              subject,
              "is kept by " + row.text("engine") + ", which has no transactions",
              "ALTER TABLE " + name + " ENGINE = InnoDB;"));
    }
    rights(subject, table, findings);
    key(subject, name, table, findings);
    if (direction.sends()) {
      cascades(subject, name, table, findings);
    }
    if (direction.receives()) {
      triggers(subject, table, findings);
    }
    if (direction.sends() && direction.receives() && row.yes("counts")) {
      counter(subject, findings);
    }
    return findings;
  }

  private void rights(String subject, LocalName table, List<Finding> findings) {
    List<String> needed =
        new ArrayList<>(
            direction.receives()
                ? List.of("SELECT", "INSERT", "UPDATE", "DELETE")
                : List.of("SELECT"));
    if (direction.sends() && byTriggers) {
      needed.add("TRIGGER");
      needed.add("LOCK TABLES"); // triggers are made while nobody writes
    }
    List<String> lacking = user.lacking(table, needed);
    if (!lacking.isEmpty()) {
      findings.add(
          Finding.error(
              subject,
              "may not be used: " + String.join(", ", lacking) + " is missing",
              user.grant(lacking, table)));
    }
  }

  private void key(String subject, String name, LocalName table, List<Finding> findings)
      throws SQLException {
    if (catalogue.row(PRIMARY_KEY, table.schemaName(), table.tableName()).number("columns") == 0) {
      findings.add(
          Finding.error(
              subject,
              "has no primary key: rows can't be told apart",
              "ALTER TABLE " + name + " ADD PRIMARY KEY (...);"));
    }
  }

  /**
   * What InnoDB does to children by itself is in no binlog: other sites whose foreign keys rest, or
   * that have none, would silently keep those rows.
   */
  private void cascades(String subject, String name, LocalName table, List<Finding> findings)
      throws SQLException {
    for (Catalogue.Row row : catalogue.rows(CASCADES, table.schemaName(), table.tableName())) {
      findings.add(
          Finding.error(
              subject,
              "changes with its parent "
                  + row.text("parent")
                  + " by itself ("
                  + row.text("name")
                  + ": ON DELETE "
                  + row.text("on_delete")
                  + ", ON UPDATE "
                  + row.text("on_update")
                  + "), and "
                  + (byTriggers ? "no trigger fires for" : "the binlog does not hold")
                  + " such changes",
              "ALTER TABLE "
                  + name
                  + " DROP FOREIGN KEY "
                  + MyDatabase.quoted(row.text("name"))
                  + ", ADD FOREIGN KEY ...; -- with RESTRICT, and children deleted first"));
    }
  }

  private void triggers(String subject, LocalName table, List<Finding> findings)
      throws SQLException {
    StringJoiner firing = new StringJoiner(", ");
    for (Catalogue.Row row : catalogue.rows(TRIGGERS, table.schemaName(), table.tableName())) {
      if (!row.yes("guarded")) {
        firing.add(row.text("name"));
      }
    }
    if (firing.length() > 0) {
      findings.add(
          Finding.warning(
              subject,
              "has triggers that will fire for applied rows too, whose effects the site that wrote"
                  + " them has sent already: "
                  + firing,
              "begin their bodies with IF @spokewire_apply IS NULL THEN ..."));
    }
  }

  private void counter(String subject, List<Finding> findings) throws SQLException {
    long step = catalogue.row("SELECT @@global.auto_increment_increment AS step").number("step");
    if (step == 1) {
      findings.add(
          Finding.warning(
              subject,
              "takes every number of its AUTO_INCREMENT: two sites will give the same number",
              "SET GLOBAL auto_increment_increment = 10, auto_increment_offset = ...; -- another"
                  + " offset at each site, and the same in its configuration; or use UUIDs"));
    }
  }
}
