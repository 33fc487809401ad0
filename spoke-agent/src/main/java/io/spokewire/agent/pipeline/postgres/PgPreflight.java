package io.spokewire.agent.pipeline.postgres;

import io.spokewire.agent.schema.postgres.PgDatabase;
import io.spokewire.agent.schema.postgres.PgFaults;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What a database and our role there lack, before anything is made. Reads only; one thread. */
public final class PgPreflight {
  private static final int OLDEST = 150_000;

  private PgPreflight() {}

  /**
   * Something to mend or to know.
   *
   * @param blocking the spoke can't join or run like this
   * @param fix the exact SQL, or what else to do
   */
  public record Finding(boolean blocking, String what, String fix) {
    /** Whether nothing but rights of the role is missing. */
    public boolean isAboutRights() {
      return fix.startsWith("GRANT ") || fix.startsWith("ALTER ROLE ");
    }

    @Override
    public String toString() {
      return (blocking ? "error: " : "warning: ") + what + (fix.isEmpty() ? "" : " -- " + fix);
    }
  }

  /**
   * Looks at everything and lists what it finds, what blocks first.
   *
   * @param sends whether changes are captured here
   * @param publication what ours is called; an owner may have made it
   */
  public static List<Finding> look(PgDatabase database, boolean sends, String publication) {
    List<Finding> findings = new ArrayList<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      Look look = new Look(statement, findings);
      String role = look.text("SELECT quote_ident(current_user)");
      String name = look.text("SELECT quote_ident(current_database())");
      look.unless(
          "SELECT current_setting('server_version_num')::int >= " + OLDEST,
          true,
          "PostgreSQL " + look.text("SHOW server_version") + " is too old",
          "use PostgreSQL 15 or newer");
      look.unless(
          "SELECT NOT pg_is_in_recovery()",
          true,
          "this server is a standby",
          "give the address of the primary");
      look.unless(
          "SELECT current_setting('fsync')::bool",
          true,
          "fsync is off: a crash may lose or garble what was committed",
          "ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();");
      look.unless(
          "SELECT to_regnamespace('spokewire') IS NOT NULL"
              + " AND has_schema_privilege('spokewire', 'CREATE')"
              + " OR has_database_privilege(current_database(), 'CREATE')",
          true,
          "role " + role + " may not create schema spokewire",
          "GRANT CREATE ON DATABASE " + name + " TO " + role + ";");
      if (sends) {
        lookAtCapture(look, role, name, publication);
      }
      look.unless(
          "SELECT has_parameter_privilege('session_replication_role', 'SET')",
          false,
          "role "
              + role
              + " may not set session_replication_role: triggers and foreign keys act"
              + " on what is applied",
          "GRANT SET ON PARAMETER session_replication_role TO " + role + ";");
    } catch (SQLException e) {
      throw PgFaults.of("check the database", database, e);
    }
    findings.sort((a, b) -> Boolean.compare(b.blocking(), a.blocking()));
    return findings;
  }

  private static void lookAtCapture(Look look, String role, String name, String publication)
      throws SQLException {
    look.unless(
        "SELECT current_setting('wal_level') = 'logical'",
        true,
        "wal_level is " + look.text("SHOW wal_level") + ", not logical",
        "ALTER SYSTEM SET wal_level = logical; then restart the server");
    look.unless(
        "SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user",
        true,
        "role " + role + " lacks REPLICATION",
        "ALTER ROLE " + role + " REPLICATION;");
    String own = publication.replace("'", "''");
    look.unless(
        "SELECT EXISTS (SELECT 1 FROM pg_publication WHERE pubname = '"
            + own
            + "') OR has_database_privilege(current_database(), 'CREATE')",
        true,
        "role " + role + " may not create the publication",
        "GRANT CREATE ON DATABASE " + name + " TO " + role + ";");
    look.unless(
        "SELECT (SELECT count(*) FROM pg_replication_slots)"
            + " < current_setting('max_replication_slots')::int OR EXISTS (SELECT 1 FROM"
            + " pg_replication_slots WHERE slot_name = '"
            + own
            + "')",
        true,
        "all replication slots are in use",
        "ALTER SYSTEM SET max_replication_slots = "
            + look.text("SELECT current_setting('max_replication_slots')::int + 4")
            + "; then restart the server");
    look.unless(
        "SELECT current_setting('max_slot_wal_keep_size') <> '-1'",
        false,
        "max_slot_wal_keep_size is unlimited: while this agent is down the server keeps all log",
        "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB'; or watch the disk");
  }

  /** Asks one yes-or-no question at a time. */
  private record Look(Statement statement, List<Finding> findings) {
    void unless(String question, boolean blocking, String what, String fix) throws SQLException {
      try (ResultSet row = statement.executeQuery(question)) {
        if (!row.next() || !row.getBoolean(1)) {
          findings.add(new Finding(blocking, what, fix));
        }
      }
    }

    String text(String query) throws SQLException {
      try (ResultSet row = statement.executeQuery(query)) {
        return row.next() ? String.valueOf(row.getString(1)) : "";
      }
    }
  }
}
