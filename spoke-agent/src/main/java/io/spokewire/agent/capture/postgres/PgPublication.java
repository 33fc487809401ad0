package io.spokewire.agent.capture.postgres;

import static io.spokewire.agent.schema.postgres.PgDatabase.quoted;

import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.postgres.PgFaults;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The publication that says which tables' changes the slot gives. It must exist before the slot
 * does, because decoding looks at the catalogue as it was at each change.
 *
 * <p>To make it takes CREATE on the database and to own its tables; whoever lacks that gets the SQL
 * for the owner. Safe from any thread.
 */
public final class PgPublication {
  private final String name;

  public PgPublication(String name) {
    this.name = name;
  }

  public String name() {
    return name;
  }

  /** What it gives now. */
  public PublishedTables published(Connection connection) throws SQLException {
    return PublishedTables.read(connection, name);
  }

  /**
   * The statements that are missing so that the publication carries these tables, in order; empty
   * if all is well.
   */
  public List<String> missing(Connection connection, Collection<LocalTable> tables)
      throws SQLException {
    List<String> sql = new ArrayList<>();
    String publication = quoted(name);
    // Since 18 a table with a stored generated column and REPLICA IDENTITY FULL takes no updates
    // while a publication leaves that column out. We leave it out ourselves.
    boolean generatedColumns = connection.getMetaData().getDatabaseMajorVersion() >= 18;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pubviaroot, coalesce(to_jsonb(p) ->> 'pubgencols', 's') = 's' AS generated,"
                + " pubinsert AND pubupdate AND pubdelete AND pubtruncate AS all_operations"
                + " FROM pg_publication p WHERE pubname = ?")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          String list = tables.isEmpty() ? "" : " FOR TABLE " + String.join(", ", sqlNames(tables));
          sql.add(
              "CREATE PUBLICATION "
                  + publication
                  + list
                  + " WITH (publish_via_partition_root = true"
                  + (generatedColumns ? ", publish_generated_columns = stored" : "")
                  + ")");
          return sql;
        }
        if (!row.getBoolean("pubviaroot")) {
          sql.add("ALTER PUBLICATION " + publication + " SET (publish_via_partition_root = true)");
        }
        if (generatedColumns && !row.getBoolean("generated")) {
          sql.add("ALTER PUBLICATION " + publication + " SET (publish_generated_columns = stored)");
        }
        if (!row.getBoolean("all_operations")) {
          sql.add(
              "ALTER PUBLICATION "
                  + publication
                  + " SET (publish = 'insert, update, delete, truncate')");
        }
      }
    }
    Set<LocalName> carried = new HashSet<>();
    Set<LocalName> cutDown = new HashSet<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT t.schemaname, t.tablename, t.rowfilter IS NOT NULL OR EXISTS ("
                + "   SELECT 1 FROM pg_publication_rel r"
                + "   JOIN pg_publication p ON p.oid = r.prpubid"
                + "   JOIN pg_class c ON c.oid = r.prrelid"
                + "   JOIN pg_namespace n ON n.oid = c.relnamespace"
                + "   WHERE p.pubname = t.pubname AND n.nspname = t.schemaname"
                + "   AND c.relname = t.tablename AND r.prattrs IS NOT NULL) AS cut_down"
                + " FROM pg_publication_tables t WHERE t.pubname = ?")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          LocalName table = new LocalName(row.getString(1), row.getString(2));
          carried.add(table);
          if (row.getBoolean("cut_down")) {
            cutDown.add(table);
          }
        }
      }
    }
    List<LocalTable> absent = new ArrayList<>();
    for (LocalTable table : tables) {
      LocalName local = new LocalName(table.schemaName(), table.tableName());
      if (cutDown.contains(local)) {
        // A row filter or column list would lose changes unseen.
        String only = sqlName(table);
        sql.add("ALTER PUBLICATION " + publication + " DROP TABLE " + only);
        absent.add(table);
      } else if (!carried.contains(local)) {
        absent.add(table);
      }
    }
    if (!absent.isEmpty()) {
      sql.add(
          "ALTER PUBLICATION " + publication + " ADD TABLE " + String.join(", ", sqlNames(absent)));
    }
    return sql;
  }

  /**
   * Makes the publication carry these tables, all at once or not at all.
   *
   * @throws Fault with the exact SQL as its hint if the role may not
   */
  public void ensure(Connection connection, Collection<LocalTable> tables) {
    List<String> sql = List.of();
    try {
      sql = missing(connection, tables);
      if (sql.isEmpty()) {
        return;
      }
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        for (String command : sql) {
          statement.execute(command);
        }
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      if ("42501".equals(e.getSQLState())) {
        throw Fault.of(FaultKind.REFUSED, "make the publication", "the role may not")
            .at(name)
            .hint(forTheOwner(sql))
            .causedBy(e);
      }
      throw PgFaults.of("make the publication", name, e);
    }
  }

  /** What the owner of these tables has to run so that the publication carries them. */
  public String sql(Connection connection, Collection<LocalTable> tables) throws SQLException {
    return forTheOwner(missing(connection, tables));
  }

  private static String forTheOwner(List<String> sql) {
    return "let the owner of the tables run: " + String.join("; ", sql) + ";";
  }

  /** Whether the role may make the publication carry this table. */
  public boolean mayAdd(Connection connection, LocalTable table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pg_has_role((SELECT relowner FROM pg_class WHERE oid = ?::regclass), 'USAGE')"
                + " AND CASE WHEN EXISTS (SELECT 1 FROM pg_publication WHERE pubname = ?)"
                + " THEN (SELECT pg_has_role(pubowner, 'USAGE') FROM pg_publication"
                + " WHERE pubname = ?)"
                + " ELSE has_database_privilege(current_database(), 'CREATE') END")) {
      statement.setString(1, quoted(table.schemaName(), table.tableName()));
      statement.setString(2, name);
      statement.setString(3, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** Removes the publication if it is there. */
  public void drop(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP PUBLICATION IF EXISTS " + quoted(name));
    } catch (SQLException e) {
      throw PgFaults.of("drop the publication", name, e);
    }
  }

  private static List<String> sqlNames(Collection<LocalTable> tables) {
    return tables.stream().map(PgPublication::sqlName).toList();
  }

  /** Without the tables that inherit from it; a partitioned table's partitions belong to it. */
  private static String sqlName(LocalTable table) {
    return "ONLY " + quoted(table.schemaName(), table.tableName());
  }
}
