package io.spokewire.hub.audit;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The shape of the audit's tables, on every engine. */
final class AuditTables {
  /** One step each; a step that was released never changes. */
  private static final List<List<String>> MIGRATIONS =
      List.of(
          List.of(
              """
              CREATE TABLE sync_conflicts (
                id BIGINT NOT NULL PRIMARY KEY,
                "timestamp" VARCHAR(40) NOT NULL,
                "table" TEXT NOT NULL,
                "key" TEXT NOT NULL,
                field TEXT NOT NULL,
                kind VARCHAR(40) NOT NULL,
                state VARCHAR(10) NOT NULL,
                base_value TEXT,
                source_spoke VARCHAR(40) NOT NULL,
                source_value TEXT,
                target_spoke VARCHAR(40) NOT NULL,
                target_value TEXT,
                resolution VARCHAR(200) NOT NULL,
                result TEXT,
                position BIGINT NOT NULL,
                source_clock TEXT NOT NULL,
                target_clock TEXT NOT NULL,
                rule_version INTEGER NOT NULL,
                decided_by TEXT,
                decided_at VARCHAR(40),
                decided_value TEXT,
                decided_reason TEXT,
                source_time VARCHAR(40) NOT NULL,
                target_time VARCHAR(40) NOT NULL,
                source_deleted TEXT,
                target_deleted TEXT,
                others TEXT,
                value_type VARCHAR(40) NOT NULL,
                incarnation VARCHAR(36) NOT NULL,
                channel VARCHAR(40) NOT NULL,
                ordinal INTEGER NOT NULL,
                source_sequence BIGINT NOT NULL,
                target_sequence BIGINT NOT NULL,
                key_text TEXT NOT NULL,
                key_start VARCHAR(200) NOT NULL,
                exact BYTEA NOT NULL,
                UNIQUE (incarnation, channel, position, ordinal))
              """,
              // Each filter by itself, newest first: where the index ends, the page ends.
              "CREATE INDEX sync_conflicts_by_table ON sync_conflicts (\"table\", id)",
              "CREATE INDEX sync_conflicts_by_key ON sync_conflicts (key_start, id)",
              "CREATE INDEX sync_conflicts_by_field ON sync_conflicts (field, id)",
              "CREATE INDEX sync_conflicts_by_kind ON sync_conflicts (kind, id)",
              "CREATE INDEX sync_conflicts_by_state ON sync_conflicts (state, id)",
              "CREATE INDEX sync_conflicts_by_strategy ON sync_conflicts (resolution, id)",
              "CREATE INDEX sync_conflicts_by_source ON sync_conflicts (source_spoke, id)",
              "CREATE INDEX sync_conflicts_by_target ON sync_conflicts (target_spoke, id)",
              // Counting never looks at the rows themselves, and sorts none where all are counted.
              """
              CREATE INDEX sync_conflicts_by_time ON sync_conflicts ("timestamp", id, "table", field,
                kind, resolution, source_spoke, target_spoke, state)
              """,
              """
              CREATE INDEX sync_conflicts_counted ON sync_conflicts ("table", field, kind,
                resolution, source_spoke, target_spoke, state)
              """,
              """
              CREATE TABLE sync_conflicts_projected (
                incarnation VARCHAR(36) NOT NULL,
                channel VARCHAR(40) NOT NULL,
                position BIGINT NOT NULL,
                last_id BIGINT NOT NULL,
                latest VARCHAR(40) NOT NULL,
                PRIMARY KEY (incarnation, channel))
              """));

  private AuditTables() {}

  /**
   * Makes the tables or brings them up to date, all or nothing.
   *
   * @throws Fault USAGE if a newer version of the hub made them
   */
  static void migrate(Connection connection, Object place) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS sync_conflicts_version (version INTEGER NOT NULL PRIMARY"
              + " KEY)");
      int version;
      try (ResultSet row =
          statement.executeQuery("SELECT COALESCE(MAX(version), 0) FROM sync_conflicts_version")) {
        row.next();
        version = row.getInt(1);
      }
      if (version > MIGRATIONS.size()) {
        throw Fault.of(
                FaultKind.USAGE,
                "open the conflict audit",
                "it was written by a newer version of the hub (tables of version "
                    + version
                    + ", this hub knows "
                    + MIGRATIONS.size()
                    + ")")
            .at(place)
            .hint("run the hub version that wrote it, or a newer one")
            .build();
      }
      for (int step = version; step < MIGRATIONS.size(); step++) {
        for (String sql : MIGRATIONS.get(step)) {
          statement.execute(sql);
        }
        statement.execute("INSERT INTO sync_conflicts_version VALUES (" + (step + 1) + ")");
      }
      connection.commit();
    } finally {
      if (!connection.getAutoCommit()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
  }
}
