package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.schema.LocalName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a publication gives, with the catalogue's own marks of each part, so that what was taken
 * away is noticed later, also if it was put back in between. Immutable.
 */
public final class PublishedTables {
  /** Of a publication that does not exist. */
  public static final PublishedTables NOTHING = new PublishedTables("", Map.of());

  private static final String CUT = " cut";

  private final String publication; // which one it is, and what it publishes
  private final SortedMap<String, String> tables; // by what each is in it

  private PublishedTables(String publication, Map<String, String> tables) {
    this.publication = publication;
    this.tables = Collections.unmodifiableSortedMap(new TreeMap<>(tables));
  }

  /** As it is now. */
  static PublishedTables read(Connection connection, String name) throws SQLException {
    String publication = "";
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT concat_ws(' ', oid, xmin, 'owner:' || pubowner, 'generated:' ||"
                + " coalesce(to_jsonb(p) ->> 'pubgencols', ''), CASE WHEN pubinsert THEN 'insert'"
                + " END, CASE WHEN pubupdate THEN 'update' END, CASE WHEN pubdelete THEN 'delete'"
                + " END, CASE WHEN pubtruncate THEN 'truncate' END, CASE WHEN pubviaroot THEN"
                + " 'root' END) FROM pg_publication p WHERE pubname = ?")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          publication = row.getString(1);
        }
      }
    }
    Map<String, String> tables = new TreeMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT t.schemaname, t.tablename, CASE WHEN p.puballtables THEN 'all' ELSE coalesce("
                + "(SELECT 'table ' || r.oid || CASE WHEN r.prqual IS NOT NULL OR r.prattrs IS NOT"
                + " NULL THEN '"
                + CUT
                + "' ELSE '' END FROM pg_publication_rel r"
                + " WHERE r.prpubid = p.oid AND r.prrelid = c.oid),"
                + " (SELECT 'schema ' || s.oid FROM pg_publication_namespace s"
                + " WHERE s.pnpubid = p.oid AND s.pnnspid = c.relnamespace), 'other') END"
                + " FROM pg_publication p JOIN pg_publication_tables t ON t.pubname = p.pubname"
                + " JOIN pg_namespace n ON n.nspname = t.schemaname"
                + " JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename"
                + " WHERE p.pubname = ?")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          tables.put(
              new LocalName(row.getString(1), row.getString(2)).toString(), row.getString(3));
        }
      }
    }
    return new PublishedTables(publication, tables);
  }

  /** As {@link #lines()} gave it. */
  public static PublishedTables of(List<String> lines) {
    Map<String, String> tables = new TreeMap<>();
    for (String line : lines.isEmpty() ? lines : lines.subList(1, lines.size())) {
      int split = line.lastIndexOf('=');
      tables.put(line.substring(0, split), line.substring(split + 1));
    }
    return new PublishedTables(lines.isEmpty() ? "" : lines.getFirst(), tables);
  }

  /** To be kept. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(publication);
    tables.forEach((table, how) -> lines.add(table + "=" + how));
    return lines;
  }

  /** Whether every change of the table is given. */
  public boolean carries(LocalName table) {
    String how = tables.get(table.toString());
    return how != null && !how.endsWith(CUT);
  }

  /** Whether inserts, updates, deletes and truncates are given, and partitions as their table. */
  public boolean isWhole() {
    return publication.endsWith(" insert update delete truncate root");
  }

  /** Whether it is the same publication, unaltered. */
  public boolean isSamePublication(PublishedTables other) {
    return publication.equals(other.publication);
  }

  /** Whether a table's place in it is the same in both. */
  public boolean isSame(LocalName table, PublishedTables other) {
    String how = tables.get(table.toString());
    return how != null && how.equals(other.tables.get(table.toString()));
  }

  /** Whether it says anything about the table. */
  public boolean knows(LocalName table) {
    return tables.containsKey(table.toString());
  }

  /** The same publication as {@code other}, with this one's tables. */
  public PublishedTables asPublishedBy(PublishedTables other) {
    return new PublishedTables(other.publication, tables);
  }

  /** With a table as it is in {@code other}. */
  public PublishedTables with(LocalName table, PublishedTables other) {
    Map<String, String> more = new TreeMap<>(tables);
    String how = other.tables.get(table.toString());
    if (how == null) {
      more.remove(table.toString());
    } else {
      more.put(table.toString(), how);
    }
    return new PublishedTables(publication, more);
  }

  /**
   * What was taken away between {@code before} and this, in plain words; empty if the changes of
   * these tables were given all the time.
   *
   * @param present the tables that matter and exist
   */
  public Optional<String> lacks(PublishedTables before, Iterable<LocalName> present) {
    if (publication.isEmpty()) {
      return before.publication.isEmpty() ? Optional.empty() : Optional.of("it does not exist");
    }
    if (before.publication.isEmpty()) {
      return Optional.empty(); // nothing was remembered
    }
    List<String> old = List.of(before.publication.split(" "));
    List<String> now = List.of(publication.split(" "));
    if (!old.getFirst().equals(now.getFirst())) {
      return Optional.of("it was dropped and made again");
    }
    for (String property : old.subList(2, old.size())) {
      if (!now.contains(property) && !property.contains(":")) {
        return Optional.of(
            property.equals("root")
                ? "partitions' changes no longer come as their table's"
                : "it no longer publishes " + property);
      }
    }
    for (LocalName table : present) {
      String was = before.tables.get(table.toString());
      if (was == null) {
        continue; // it never was in it, which was said when the plan was taken
      }
      String is = tables.get(table.toString());
      if (is == null) {
        return Optional.of(table + " is no longer in it");
      }
      if (is.endsWith(CUT) && !was.endsWith(CUT)) {
        return Optional.of(table + " has a row filter or a column list");
      }
      if (!is.equals(was)) {
        return Optional.of(table + " was taken out and put back");
      }
    }
    boolean explained = !old.subList(2, old.size()).equals(now.subList(2, now.size()));
    if (!publication.equals(before.publication) && !explained) {
      return Optional.of("it was altered, and what it left out in between can't be known");
    }
    return Optional.empty();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof PublishedTables other
        && publication.equals(other.publication)
        && tables.equals(other.tables);
  }

  @Override
  public int hashCode() {
    return publication.hashCode() * 31 + tables.hashCode();
  }

  @Override
  public String toString() {
    return lines().toString();
  }
}
