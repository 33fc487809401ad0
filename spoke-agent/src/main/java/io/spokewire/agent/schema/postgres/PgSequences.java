package io.spokewire.agent.schema.postgres;

import io.spokewire.agent.schema.LocalName;
import io.spokewire.common.change.TableDescription.Generator;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The sequences that number rows: those of serial and identity columns. Uses the connection it is
 * given and leaves it as it was. One thread.
 */
public final class PgSequences {
  private static final String OWNED =
      """
      SELECT n.nspname, c.relname, a.attname, s.seqrelid::regclass::text AS sequence,
             s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle,
             has_sequence_privilege(s.seqrelid, 'USAGE, SELECT') AND l.value IS NOT NULL AS called,
             l.value AS last,
             has_sequence_privilege(s.seqrelid, 'USAGE')
               AND has_sequence_privilege(s.seqrelid, 'UPDATE') AS may_move,
             EXISTS (SELECT FROM pg_index i
                      WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum
                        AND i.indisvalid AND i.indpred IS NULL) AS indexed
        FROM unnest(?::text[]) AS t (name)
        JOIN pg_class c ON c.oid = to_regclass(t.name)
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_depend d ON d.refobjid = c.oid AND d.refclassid = 'pg_class'::regclass
                        AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        JOIN pg_sequence s ON s.seqrelid = d.objid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
       CROSS JOIN LATERAL (SELECT CASE WHEN has_sequence_privilege(s.seqrelid, 'USAGE, SELECT')
                                       THEN pg_sequence_last_value(s.seqrelid) END AS value) l
       ORDER BY 1, 2, 3
      """;

  private final Connection connection;

  public PgSequences(Connection connection) {
    this.connection = connection;
  }

  /**
   * One of them.
   *
   * @param table whose rows it numbers, in {@code column}
   * @param name as SQL takes it
   * @param start its first number
   * @param least the lower end of its range
   * @param most the upper one
   * @param called whether it gave a number already, as far as we may know
   * @param last the number it gave last, if it did
   * @param mayMove whether we may take numbers from it, and set it
   * @param indexed whether the column's largest value is found without reading the table
   */
  public record Owned(
      LocalName table,
      String column,
      String name,
      long start,
      long step,
      long least,
      long most,
      boolean cycles,
      boolean called,
      long last,
      boolean mayMove,
      boolean indexed) {

    /** As the other sites are to know it. */
    public Generator generator() {
      long begin = step > 0 ? least : most;
      long pace = Math.abs(step);
      long one = Math.floorMod(called ? last : start, pace);
      long behind = Math.floorMod(step > 0 ? one - begin % pace : begin % pace - one, pace);
      return new Generator(
          column, step > 0 ? begin + behind : begin - behind, step, step > 0 ? most : least);
    }

    /** How many numbers it has to give until the next one lies beyond this one; 0 if it does. */
    public long stepsBeyond(long number) {
      if (step < 0 || cycles) {
        return 0;
      }
      long before = called ? last : start - step;
      return number <= before || number > most ? 0 : (number - before) / step;
    }
  }

  /** Those of these tables. */
  public List<Owned> of(Collection<LocalName> tables) throws SQLException {
    String[] names =
        tables.stream()
            .map(t -> PgDatabase.quoted(t.schemaName(), t.tableName()))
            .toArray(String[]::new);
    List<Owned> sequences = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(OWNED)) {
      statement.setArray(1, connection.createArrayOf("text", names));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          sequences.add(
              new Owned(
                  new LocalName(row.getString("nspname"), row.getString("relname")),
                  row.getString("attname"),
                  row.getString("sequence"),
                  row.getLong("seqstart"),
                  row.getLong("seqincrement"),
                  row.getLong("seqmin"),
                  row.getLong("seqmax"),
                  row.getBoolean("seqcycle"),
                  row.getBoolean("called"),
                  row.getLong("last"),
                  row.getBoolean("may_move"),
                  row.getBoolean("indexed")));
        }
      }
    }
    return sequences;
  }
}
