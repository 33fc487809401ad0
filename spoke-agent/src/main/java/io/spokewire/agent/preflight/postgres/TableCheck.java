package io.spokewire.agent.preflight.postgres;

import io.spokewire.agent.preflight.Catalogue;
import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.PreflightScope;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.postgres.PgDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** Each table of the plan: rights, key, what the log carries, what would fire on apply. */
final class TableCheck {
  private static final String TABLE =
      """
      SELECT c.oid::bigint AS oid, format('%I.%I', n.nspname, c.relname) AS name, c.relkind,
             c.relpersistence, c.relreplident, c.relispartition,
             quote_ident(current_user) AS role,
             has_schema_privilege(n.oid, 'USAGE') AS usage,
             has_table_privilege(c.oid, 'SELECT') AS "SELECT",
             has_table_privilege(c.oid, 'INSERT') AS "INSERT",
             has_table_privilege(c.oid, 'UPDATE') AS "UPDATE",
             has_table_privilege(c.oid, 'DELETE') AS "DELETE",
             has_table_privilege(c.oid, 'TRIGGER') AS "TRIGGER",
             pg_has_role(c.relowner, 'USAGE') AS owned,
             row_security_active(c.oid) AS row_security_active,
             quote_ident(n.nspname) AS schema
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ? AND c.relname = ?
      """;

  private static final String KEYS =
      """
      SELECT i.indisprimary, i.indisreplident, i.indimmediate, quote_ident(x.relname) AS index,
             quote_ident(con.conname) AS constraint
        FROM pg_index i
        JOIN pg_class x ON x.oid = i.indexrelid
        LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u')
       WHERE i.indrelid = ? AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
         AND i.indexprs IS NULL
         AND NOT EXISTS (
               SELECT FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                WHERE k.place <= i.indnkeyatts AND NOT a.attnotnull)
       ORDER BY i.indisprimary DESC, i.indexrelid
      """;

  private static final String TRIGGERS =
      """
      SELECT quote_ident(tgname) AS name, tgenabled FROM pg_trigger
       WHERE tgrelid = ? AND NOT tgisinternal AND tgenabled <> 'D'
         AND tgname NOT LIKE '!spokewire%' ORDER BY tgname
      """;

  private static final String FOREIGN_KEYS =
      """
      SELECT quote_ident(conname) AS name, confrelid::regclass::text AS referenced
        FROM pg_constraint
       WHERE conrelid = ? AND contype = 'f' AND conparentid = 0 ORDER BY conname
      """;

  private static final String GENERATORS =
      """
      SELECT quote_ident(a.attname) AS name, s.seqincrement, s.seqrelid::regclass::text AS sequence,
             quote_ident(current_user) AS role,
             has_sequence_privilege(s.seqrelid, 'USAGE')
               AND has_sequence_privilege(s.seqrelid, 'UPDATE') AS may_move
        FROM pg_attribute a
        JOIN pg_sequence s
          ON s.seqrelid = pg_get_serial_sequence(?, a.attname)::regclass
       WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
      """;

  private final Catalogue catalogue;
  private final String publication;
  private final List<LocalName> tables;
  private final boolean captures;
  private final boolean applies;
  private final boolean byTriggers;
  private final List<String> unpublished = new ArrayList<>();
  private boolean ownsUnpublished = true;

  TableCheck(
      Catalogue catalogue,
      PreflightScope scope,
      String publication,
      List<LocalName> tables,
      boolean byTriggers) {
    this.byTriggers = byTriggers;
    this.catalogue = catalogue;
    this.publication = publication;
    this.tables = tables;
    this.captures = scope.direction().sends();
    this.applies = scope.direction().receives();
  }

  List<Finding> all() throws SQLException {
    List<Finding> findings = new ArrayList<>();
    boolean replicaRole =
        catalogue
            .row("SELECT has_parameter_privilege('session_replication_role', 'SET') AS may")
            .yes("may");
    boolean published = publicationExists();
    for (LocalName table : tables) {
      findings.addAll(one(table, replicaRole, published));
    }
    if (applies) {
      String role = catalogue.row("SELECT quote_ident(current_user) AS role").text("role");
      findings.add(replicaRole(replicaRole, role));
    }
    return findings;
  }

  private List<Finding> one(LocalName table, boolean replicaRole, boolean published)
      throws SQLException {
    Catalogue.Row row = catalogue.row(TABLE, table.schemaName(), table.tableName());
    String subject = "table " + table.schemaName() + "." + table.tableName();
    if (row.text("oid").isEmpty()) {
      return List.of(Finding.error(subject, "does not exist", "create it, or change the plan"));
    }
    List<Finding> findings = new ArrayList<>();
    kind(subject, row, findings);
    rights(subject, row, findings);
    if (findings.isEmpty()) {
      key(subject, row, findings);
      if (applies) {
        firing(subject, row, replicaRole, findings);
      }
      generators(subject, row, findings);
    }
    if (captures && !byTriggers && !(published && isPublished(table))) {
      unpublished.add(row.text("name"));
      ownsUnpublished &= row.yes("owned");
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok(subject, "is ready"));
    }
    return findings;
  }

  private static void kind(String subject, Catalogue.Row row, List<Finding> findings) {
    String kind = row.text("relkind");
    if (!kind.equals("r") && !kind.equals("p")) {
      String what =
          switch (kind) {
            case "f" -> "a foreign table";
            case "v" -> "a view";
            case "m" -> "a materialized view";
            default -> "not a table";
          };
      findings.add(
          Finding.error(
              subject, "is " + what + "; its changes are not in the log", "leave it out"));
    } else if (row.text("relpersistence").equals("u")) {
      findings.add(
          Finding.error(
              subject,
              "is unlogged: its changes are not in the log, and a crash empties it",
              "ALTER TABLE " + row.text("name") + " SET LOGGED;"));
    } else if (row.text("relpersistence").equals("t")) {
      findings.add(Finding.error(subject, "is temporary", "leave it out"));
    } else if (row.yes("relispartition")) {
      findings.add(
          Finding.error(
              subject, "is a partition; partitions flow through their root", "name the root"));
    }
  }

  private void rights(String subject, Catalogue.Row row, List<Finding> findings) {
    if (!row.yes("usage")) {
      findings.add(
          Finding.error(
              subject,
              "is in a schema that may not be used",
              "GRANT USAGE ON SCHEMA " + row.text("schema") + " TO " + row.text("role") + ";"));
    }
    List<String> wanted =
        new ArrayList<>(
            applies ? List.of("SELECT", "INSERT", "UPDATE", "DELETE") : List.of("SELECT"));
    if (captures && byTriggers) {
      wanted.add("TRIGGER");
    }
    StringJoiner missing = new StringJoiner(", ");
    wanted.stream().filter(right -> !row.yes(right)).forEach(missing::add);
    if (missing.length() > 0) {
      findings.add(
          Finding.error(
              subject,
              "lacks " + missing,
              "GRANT " + missing + " ON " + row.text("name") + " TO " + row.text("role") + ";"));
    }
    if (row.yes("row_security_active")) {
      findings.add(
          Finding.error(
              subject,
              "has row security that hides rows from this role",
              "ALTER ROLE " + row.text("role") + " BYPASSRLS;"));
    }
  }

  private void key(String subject, Catalogue.Row row, List<Finding> findings) throws SQLException {
    String name = row.text("name");
    String identity = row.text("relreplident");
    List<Catalogue.Row> keys = catalogue.rows(KEYS, row.number("oid"));
    Catalogue.Row key =
        keys.stream()
            .filter(k -> k.yes("indisprimary") || (identity.equals("i") && k.yes("indisreplident")))
            .findFirst()
            .orElse(null);
    if (key == null) {
      String remedy =
          keys.isEmpty()
              ? "ALTER TABLE " + name + " ADD PRIMARY KEY (...);"
              : "ALTER TABLE "
                  + name
                  + " REPLICA IDENTITY USING INDEX "
                  + keys.getFirst().text("index")
                  + ";";
      findings.add(
          captures && !byTriggers && identity.equals("f")
              ? Finding.error(
                  subject,
                  "has no primary key, so its rows can't be told apart; REPLICA IDENTITY FULL lets"
                      + " updates and deletes through, and the first one stops capture",
                  remedy
                      + " -- or, for inserts only: ALTER TABLE "
                      + name
                      + " REPLICA IDENTITY DEFAULT;")
              : Finding.warning(
                  subject,
                  "has no primary key, so its rows can't be told apart: it takes inserts only",
                  remedy));
      return;
    }
    if (applies && !key.yes("indimmediate")) {
      String constraint = key.text("constraint");
      findings.add(
          Finding.error(
              subject,
              "has a DEFERRABLE key, and rows can't be merged by such a key",
              "ALTER TABLE "
                  + name
                  + " DROP CONSTRAINT "
                  + constraint
                  + ", ADD PRIMARY KEY (...); -- without DEFERRABLE"));
    }
    if (!captures || byTriggers) {
      return;
    }
    switch (identity) {
      case "n" ->
          findings.add(
              Finding.error(
                  subject,
                  "has REPLICA IDENTITY NOTHING: the log does not say which row changed",
                  "ALTER TABLE " + name + " REPLICA IDENTITY FULL;"));
      case "d", "i" ->
          findings.add(
              Finding.warning(
                  subject,
                  "has no old values in the log: conflicts are settled by whole rows, without"
                      + " rules for fields, sums or update_wins",
                  "ALTER TABLE " + name + " REPLICA IDENTITY FULL;"));
      default -> {}
    }
  }

  private void firing(
      String subject, Catalogue.Row row, boolean replicaRole, List<Finding> findings)
      throws SQLException {
    long oid = row.number("oid");
    StringJoiner always = new StringJoiner(", ");
    StringJoiner firing = new StringJoiner(", ");
    for (Catalogue.Row trigger : catalogue.rows(TRIGGERS, oid)) {
      boolean onReplica =
          trigger.text("tgenabled").equals("A") || trigger.text("tgenabled").equals("R");
      if (replicaRole && onReplica) {
        always.add(trigger.text("name"));
      } else if (!replicaRole && !trigger.text("tgenabled").equals("R")) {
        firing.add(trigger.text("name"));
      }
    }
    if (always.length() > 0) {
      findings.add(
          Finding.warning(
              subject,
              "has triggers enabled as ALWAYS or REPLICA that will fire for applied rows: "
                  + always,
              "ALTER TABLE " + row.text("name") + " ENABLE TRIGGER ...; -- if that is not meant"));
    }
    if (firing.length() > 0) {
      findings.add(
          Finding.warning(
              subject,
              "has triggers that will fire for applied rows: " + firing,
              grantReplicaRole(row.text("role"))));
    }
    if (!replicaRole) {
      StringJoiner enforced = new StringJoiner(", ");
      for (Catalogue.Row foreignKey : catalogue.rows(FOREIGN_KEYS, oid)) {
        enforced.add(foreignKey.text("name") + " to " + foreignKey.text("referenced"));
      }
      if (enforced.length() > 0) {
        findings.add(
            Finding.warning(
                subject,
                "has foreign keys that will be enforced for applied rows, and a row whose parent is"
                    + " not there yet is parked: "
                    + enforced,
                grantReplicaRole(row.text("role"))));
      }
    }
  }

  private void generators(String subject, Catalogue.Row row, List<Finding> findings)
      throws SQLException {
    if (!applies) {
      return;
    }
    for (Catalogue.Row column : catalogue.rows(GENERATORS, row.text("name"), row.number("oid"))) {
      if (!column.yes("may_move")) {
        findings.add(
            Finding.warning(
                subject,
                "has a column "
                    + column.text("name")
                    + " whose sequence may not be moved on past the numbers that other sites give",
                "GRANT USAGE, UPDATE ON SEQUENCE "
                    + column.text("sequence")
                    + " TO "
                    + column.text("role")
                    + "; -- not with bump_sequences: false in agent.yaml"));
      }
      if (captures && column.number("seqincrement") == 1) {
        findings.add(
            Finding.warning(
                subject,
                "has a column "
                    + column.text("name")
                    + " that takes every number of its sequence: two sites will give the same"
                    + " number",
                "ALTER SEQUENCE "
                    + column.text("sequence")
                    + " INCREMENT BY 10 START WITH ... RESTART WITH ...; -- beyond all numbers"
                    + " given so far, with another last digit at each site; or use UUIDs"));
      }
    }
  }

  private static Finding replicaRole(boolean granted, String role) {
    return granted
        ? Finding.ok("session_replication_role", "may be set: triggers and foreign keys rest")
        : Finding.warning(
            "session_replication_role",
            "may not be set: triggers fire and foreign keys are checked for applied rows",
            grantReplicaRole(role));
  }

  private static String grantReplicaRole(String role) {
    return "GRANT SET ON PARAMETER session_replication_role TO " + role + "; -- as a superuser";
  }

  private boolean publicationExists() throws SQLException {
    return catalogue
        .row("SELECT count(*) > 0 AS present FROM pg_publication WHERE pubname = ?", publication)
        .yes("present");
  }

  private boolean isPublished(LocalName table) throws SQLException {
    return catalogue
        .row(
            "SELECT count(*) > 0 AS present FROM pg_publication_tables"
                + " WHERE pubname = ? AND schemaname = ? AND tablename = ?",
            publication,
            table.schemaName(),
            table.tableName())
        .yes("present");
  }

  /**
   * What is to be said of the publication, after {@link #all}.
   *
   * @param demanded whether the plan is known, and so every table that was looked at must be in it
   */
  Finding publication(boolean demanded) throws SQLException {
    String subject = "publication " + publication;
    if (!publicationExists()) {
      return missingPublication(subject, demanded);
    }
    String absent = String.join(", ", unpublished);
    if (demanded && !unpublished.isEmpty() && !(ownsUnpublished && ownsPublication())) {
      return Finding.error(
          subject,
          "lacks " + absent,
          "ALTER PUBLICATION " + quotedName() + " ADD TABLE " + absent + "; -- as their owner");
    }
    Catalogue.Row kinds =
        catalogue.row(
            "SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AS everything, pubviaroot"
                + " FROM pg_publication WHERE pubname = ?",
            publication);
    if (!kinds.yes("everything") || !kinds.yes("pubviaroot")) {
      return Finding.error(
          subject,
          "does not publish every kind of change, or not through the partitions' root",
          "ALTER PUBLICATION "
              + quotedName()
              + " SET (publish = 'insert, update, delete, truncate',"
              + " publish_via_partition_root = true);");
    }
    return Finding.ok(
        subject, unpublished.isEmpty() ? "covers every table" : "can be extended by " + absent);
  }

  private Finding missingPublication(String subject, boolean demanded) throws SQLException {
    Catalogue.Row here =
        catalogue.row(
            "SELECT has_database_privilege(current_database(), 'CREATE') AS may,"
                + " quote_ident(current_database()) AS database,"
                + " quote_ident(current_user) AS role");
    if (here.yes("may") && (ownsUnpublished || !demanded)) {
      return Finding.ok(subject, "can be created");
    }
    if (!demanded) {
      return Finding.error(
          subject,
          "does not exist, and this role may not create it",
          "GRANT CREATE ON DATABASE "
              + here.text("database")
              + " TO "
              + here.text("role")
              + "; -- or, as the tables' owner, CREATE PUBLICATION "
              + quotedName()
              + " FOR TABLE ... WITH (publish_via_partition_root = true);");
    }
    return Finding.error(
        subject,
        "does not exist",
        "CREATE PUBLICATION "
            + quotedName()
            + (unpublished.isEmpty() ? "" : " FOR TABLE " + String.join(", ", unpublished))
            + " WITH (publish_via_partition_root = true); -- as the tables' owner");
  }

  private boolean ownsPublication() throws SQLException {
    return catalogue
        .row(
            "SELECT count(*) > 0 AS owned FROM pg_publication"
                + " WHERE pubname = ? AND pg_has_role(pubowner, 'USAGE')",
            publication)
        .yes("owned");
  }

  private String quotedName() {
    return PgDatabase.quoted(publication);
  }
}
