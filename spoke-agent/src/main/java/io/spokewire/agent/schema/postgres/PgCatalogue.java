package io.spokewire.agent.schema.postgres;

import static io.spokewire.agent.schema.postgres.PgDatabase.quoted;

import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableProblem;
import io.spokewire.agent.schema.TableProblem.Severity;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableDescription.ForeignKey;
import io.spokewire.common.change.TableDescription.Generator;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the table catalogue from {@code pg_catalog}, for which every role has the rights, and
 * whether tables are empty, which takes SELECT on them.
 *
 * <p>Uses the connection it is given and leaves it as it was. One thread.
 *
 * <p>The key of a table is its primary key; where {@code REPLICA IDENTITY USING INDEX} names
 * another unique index, that one, because the log then carries only its columns.
 */
public final class PgCatalogue {
  /** Schemas whose tables never flow: the system's and our own. */
  private static final String FOREIGN_TO_US =
      "(n.nspname IN ('pg_catalog', 'information_schema', 'spokewire')"
          + " OR n.nspname ~ '^pg_(toast|temp)')";

  private static final String RELATIONS =
      "SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.relpersistence::text,"
          + " c.relreplident::text, c.relispartition,"
          + " (SELECT pg_partition_root(c.oid)::oid WHERE c.relispartition) AS root,"
          + " c.relkind = 'p' AND EXISTS (SELECT 1 FROM pg_partition_tree(c.oid) t"
          + "   JOIN pg_class l ON l.oid = t.relid"
          + "   WHERE t.isleaf AND l.relreplident <> c.relreplident) AS uneven,"
          + " EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid"
          + "   AND a.attgenerated = 'v' AND NOT a.attisdropped) AS virtual"
          + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
          + " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT "
          + FOREIGN_TO_US
          + " ORDER BY n.nspname, c.relname";

  private static final String COLUMNS =
      "SELECT a.attrelid, a.attnum, a.attname, a.attnotnull OR t.typnotnull AS not_null,"
          + " a.attgenerated <> '' AS generated, format_type(a.atttypid, a.atttypmod)"
          + " || CASE WHEN t.typtype = 'd' AND b.typcategory <> 'A'"
          + "   THEN ' over ' || format_type(b.oid, b.modifier) ELSE '' END"
          + " || coalesce((SELECT ' enum(' || string_agg('''' || replace(e.enumlabel, '''', '''''')"
          + "     || '''', ',' ORDER BY e.enumsortorder) || ')'"
          + "   FROM pg_enum e WHERE e.enumtypid = b.oid), '')"
          + " || coalesce((SELECT format(' collate %I nondeterministic', l.collname)"
          + "   FROM pg_collation l WHERE l.oid = a.attcollation"
          + "   AND NOT l.collisdeterministic), '') AS native,"
          + " a.atttypid::bigint AS type, a.atttypmod, b.oid::bigint AS base, b.typname"
          + " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid"
          + " JOIN LATERAL (WITH RECURSIVE up AS ("
          + "     SELECT t.oid, t.typname, t.typtype, t.typcategory, t.typbasetype, t.typtypmod,"
          + "       a.atttypmod AS modifier"
          + "     UNION ALL SELECT p.oid, p.typname, p.typtype, p.typcategory, p.typbasetype,"
          + "       p.typtypmod, up.typtypmod"
          + "     FROM up JOIN pg_type p ON p.oid = up.typbasetype WHERE up.typtype = 'd')"
          + "   SELECT oid, typname, typcategory, modifier FROM up WHERE typtype <> 'd') b ON true"
          + " WHERE a.attrelid = ANY (?) AND a.attnum > 0 AND NOT a.attisdropped"
          + " ORDER BY a.attrelid, a.attnum";

  private static final String UNIQUE_INDEXES =
      "SELECT i.indrelid, x.relname, i.indisprimary, i.indisreplident,"
          + " i.indpred IS NULL AND i.indexprs IS NULL AS plain,"
          + " ARRAY(SELECT k.attnum::int FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n)"
          + "   WHERE k.n <= i.indnkeyatts ORDER BY k.n) AS attnums"
          + " FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid"
          + " WHERE i.indrelid = ANY (?) AND i.indisunique AND i.indisvalid"
          + " ORDER BY i.indrelid, x.relname";

  private static final String FOREIGN_KEYS =
      "SELECT c.conrelid, c.conname, n.nspname, r.relname,"
          + " ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(attnum, n)"
          + "   JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum"
          + "   ORDER BY k.n) AS columns,"
          + " ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(attnum, n)"
          + "   JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum"
          + "   ORDER BY k.n) AS referenced"
          + " FROM pg_constraint c JOIN pg_class r ON r.oid = c.confrelid"
          + " JOIN pg_namespace n ON n.oid = r.relnamespace"
          + " WHERE c.conrelid = ANY (?) AND c.contype = 'f' AND c.conparentid = 0"
          + " ORDER BY c.conrelid, c.conname";

  private final Connection connection;
  private final boolean wholeImages;

  /** For tables whose changes are read from the log, or not read at all. */
  public PgCatalogue(Connection connection) {
    this(connection, false);
  }

  private PgCatalogue(Connection connection, boolean wholeImages) {
    this.connection = connection;
    this.wholeImages = wholeImages;
  }

  /**
   * For tables whose changes are not read from the log, and so have whole rows whatever their
   * REPLICA IDENTITY is: triggers log them, or looks find them.
   */
  public static PgCatalogue withWholeImages(Connection connection) {
    return new PgCatalogue(connection, true);
  }

  /**
   * The first schema of the search path that exists and is not ours; {@code public} if there is
   * none. Ours stands first for a role named like it, because {@code "$user"} does.
   */
  public String defaultSchema() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT coalesce((SELECT s FROM unnest(current_schemas(false)) WITH ORDINALITY AS"
                    + " p (s, n) WHERE s <> 'spokewire' ORDER BY n LIMIT 1), 'public')")) {
      row.next();
      return row.getString(1);
    }
  }

  /**
   * The tables in scope and what is wrong with them.
   *
   * @param emptyAtStart the tables that had no row where capture begins
   */
  public TableCatalogue read(TableScope scope, Set<TableName> emptyAtStart) throws SQLException {
    List<Relation> relations = relations();
    Map<Long, Relation> byOid = new HashMap<>();
    relations.forEach(relation -> byOid.put(relation.oid, relation));
    List<TableProblem> problems = new ArrayList<>();
    List<Relation> usable = new ArrayList<>();
    for (Relation relation : relations) {
      if (scope.nameOf(relation.name).isEmpty()) {
        continue;
      }
      Optional<TableProblem> refusal = refusal(relation, byOid, scope);
      if (refusal.isPresent()) {
        problems.add(refusal.get());
      } else if (relation.flows()) {
        usable.add(relation);
      }
    }
    TableScope.Resolution resolution = scope.resolve(usable.stream().map(Relation::name).toList());
    problems.addAll(resolution.problems());
    Map<LocalName, Relation> byName = new HashMap<>();
    usable.forEach(relation -> byName.put(relation.name, relation));
    Shapes shapes = shapes(usable.stream().map(Relation::oid).toList());
    Map<Long, List<ForeignKey>> foreignKeys = foreignKeys(usable, scope);
    Map<LocalName, List<Generator>> generators = generators(usable);
    List<TableCatalogue.Entry> entries = new ArrayList<>();
    resolution
        .tables()
        .forEach(
            (name, local) -> {
              Relation relation = byName.get(local);
              if (relation == null) {
                return;
              }
              PgShape shape = shapes.of(relation.oid);
              TableSchema schema = TableSchema.of(name, shape.columns(), shape.key());
              if (!wholeImages || shape.key().isEmpty()) {
                problems.addAll(limits(relation, shape));
              }
              entries.add(
                  new TableCatalogue.Entry(
                      relation.oid,
                      new LocalTable(
                          local.schemaName(),
                          local.tableName(),
                          new TableDescription(
                              schema,
                              shape.uniqueSets(),
                              foreignKeys.getOrDefault(relation.oid, List.of()),
                              wholeImages || relation.hasBeforeImages(),
                              emptyAtStart.contains(name),
                              generators.getOrDefault(local, List.of())))));
            });
    return new TableCatalogue(entries, problems);
  }

  private Map<LocalName, List<Generator>> generators(List<Relation> relations) throws SQLException {
    Map<LocalName, List<Generator>> generators = new HashMap<>();
    for (PgSequences.Owned sequence :
        new PgSequences(connection).of(relations.stream().map(Relation::name).toList())) {
      generators
          .computeIfAbsent(sequence.table(), t -> new ArrayList<>())
          .add(sequence.generator());
    }
    return generators;
  }

  /** The present shape of one relation, or empty if it is gone. */
  public Optional<PgShape> shape(long relationId) throws SQLException {
    PgShape shape = shapes(List.of(relationId)).byRelation.get(relationId);
    return Optional.ofNullable(shape);
  }

  /** The present types of these type numbers with their modifiers, in their order. */
  public List<PgType> types(List<Long> types, List<Integer> modifiers) throws SQLException {
    String sql =
        "SELECT format_type(q.type, q.modifier), b.oid::bigint, b.typname"
            + " FROM unnest(?::bigint[], ?::int[]) WITH ORDINALITY q0(type0, modifier, n)"
            + " CROSS JOIN LATERAL (SELECT q0.type0::oid AS type, q0.modifier) q"
            + " LEFT JOIN LATERAL (WITH RECURSIVE up AS ("
            + "     SELECT t.oid, t.typname, t.typtype, t.typbasetype FROM pg_type t"
            + "     WHERE t.oid = q.type"
            + "     UNION ALL SELECT p.oid, p.typname, p.typtype, p.typbasetype"
            + "     FROM up JOIN pg_type p ON p.oid = up.typbasetype WHERE up.typtype = 'd')"
            + "   SELECT oid, typname FROM up WHERE typtype <> 'd') b ON true"
            + " ORDER BY q0.n";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("bigint", types.toArray()));
      statement.setArray(2, connection.createArrayOf("int", modifiers.toArray()));
      List<PgType> result = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          String name = row.getString(3);
          result.add(
              new PgType(
                  row.getString(1),
                  PgTypes.logicalType((int) row.getLong(2), name == null ? "" : name)));
        }
      }
      return result;
    }
  }

  /**
   * Which of these tables have no row in an exported snapshot.
   *
   * @param snapshot its name; the transaction that exported it must still be open
   */
  public Set<TableName> emptyTables(Collection<LocalTable> tables, String snapshot)
      throws SQLException {
    Set<TableName> empty = new HashSet<>();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      statement.execute("SET TRANSACTION SNAPSHOT '" + snapshot.replace("'", "''") + "'");
      // A policy that hides rows must fail here, not make a table look empty.
      statement.execute("SET LOCAL row_security = off");
      for (LocalTable table : tables) {
        String sql =
            "SELECT NOT EXISTS (SELECT 1 FROM "
                + quoted(table.schemaName(), table.tableName())
                + ")";
        try (ResultSet row = statement.executeQuery(sql)) {
          row.next();
          if (row.getBoolean(1)) {
            empty.add(table.table());
          }
        }
      }
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
    return empty;
  }

  private static Optional<TableProblem> refusal(
      Relation relation, Map<Long, Relation> byOid, TableScope scope) {
    boolean named = scope.namesExactly(relation.name);
    String kind =
        switch (relation.kind) {
          case "v" -> "a view";
          case "m" -> "a materialized view";
          case "f" -> "a foreign table";
          default -> "";
        };
    if (!kind.isEmpty()) {
      // Under a pattern with a star a view is merely not a table.
      return named || relation.kind.equals("f")
          ? Optional.of(refused(relation, "is " + kind + ", whose rows are not in the log", ""))
          : Optional.empty();
    }
    if (relation.persistence.equals("u")) {
      return Optional.of(
          refused(
              relation,
              "is unlogged, so its changes are not in the log",
              "ALTER TABLE " + relation.sql() + " SET LOGGED"));
    }
    if (relation.persistence.equals("t")) {
      return Optional.of(refused(relation, "is temporary", ""));
    }
    if (relation.partition) {
      Relation root = relation.root == null ? null : byOid.get(relation.root);
      boolean throughRoot = root != null && scope.nameOf(root.name).isPresent();
      return throughRoot
          ? Optional.empty()
          : Optional.of(
              refused(
                  relation,
                  "is a partition",
                  root == null ? "name its root" : "name " + root.name + " instead"));
    }
    return Optional.empty();
  }

  private static List<TableProblem> limits(Relation relation, PgShape shape) {
    List<TableProblem> problems = new ArrayList<>();
    if (shape.generatedKey()) {
      problems.add(
          limited(
              relation,
              "its key has a generated column, which the log does not carry: inserts only",
              "ALTER TABLE " + relation.sql() + " REPLICA IDENTITY USING INDEX <another index>"));
    } else if (shape.key().isEmpty()) {
      boolean full = relation.identity.equals("f");
      String harm =
          full
              ? "has no key, and so takes inserts only; REPLICA IDENTITY FULL lets updates and"
                  + " deletes through, and the first one stops capture"
              : "has no key, and so takes inserts only: once published, PostgreSQL refuses its"
                  + " updates and deletes";
      String remedy = "ALTER TABLE " + relation.sql() + " ADD PRIMARY KEY (<columns>)";
      problems.add(
          limited(
              relation,
              harm,
              full
                  ? remedy
                      + ", or, to have PostgreSQL refuse them, ALTER TABLE "
                      + relation.sql()
                      + " REPLICA IDENTITY DEFAULT"
                  : remedy));
    } else if (relation.identity.equals("n")) {
      problems.add(
          limited(
              relation,
              "has REPLICA IDENTITY NOTHING: once published, PostgreSQL refuses its updates and"
                  + " deletes",
              "ALTER TABLE " + relation.sql() + " REPLICA IDENTITY FULL"));
    } else if (relation.uneven) {
      problems.add(
          limited(
              relation,
              "has partitions with another REPLICA IDENTITY than its own: no before images",
              "ALTER TABLE each partition REPLICA IDENTITY as its root"));
    } else if (relation.identity.equals("f") && relation.virtual) {
      problems.add(
          limited(
              relation,
              "has a virtual generated column and REPLICA IDENTITY FULL: once published, PostgreSQL"
                  + " refuses its updates and deletes",
              "ALTER TABLE " + relation.sql() + " REPLICA IDENTITY DEFAULT"));
    } else if (!relation.identity.equals("f")) {
      problems.add(
          limited(
              relation,
              "logs no before images: only whole-row conflict rules apply",
              "ALTER TABLE " + relation.sql() + " REPLICA IDENTITY FULL"));
    }
    return problems;
  }

  private static TableProblem refused(Relation relation, String reason, String hint) {
    return new TableProblem(Severity.REFUSED, relation.name.toString(), reason, hint);
  }

  private static TableProblem limited(Relation relation, String reason, String hint) {
    return new TableProblem(Severity.LIMITED, relation.name.toString(), reason, hint);
  }

  private List<Relation> relations() throws SQLException {
    List<Relation> relations = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(RELATIONS)) {
      while (row.next()) {
        long root = row.getLong("root");
        relations.add(
            new Relation(
                row.getLong("oid"),
                new LocalName(row.getString("nspname"), row.getString("relname")),
                row.getString("relkind"),
                row.getString("relpersistence"),
                row.getString("relreplident"),
                row.getBoolean("relispartition"),
                root == 0 ? null : root,
                row.getBoolean("uneven"),
                row.getBoolean("virtual")));
      }
    }
    return relations;
  }

  private Shapes shapes(List<Long> relations) throws SQLException {
    Map<Long, PgShape.Builder> builders = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setArray(1, oids(relations));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          builders
              .computeIfAbsent(row.getLong("attrelid"), id -> new PgShape.Builder())
              .column(
                  row.getInt("attnum"),
                  new Column(
                      row.getString("attname"),
                      PgTypes.logicalType((int) row.getLong("base"), row.getString("typname")),
                      row.getString("native"),
                      !row.getBoolean("not_null")),
                  row.getLong("type"),
                  row.getInt("atttypmod"),
                  row.getBoolean("generated"));
        }
      }
    }
    Map<Long, String> identities = new HashMap<>();
    Map<Long, Boolean> uneven = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            RELATIONS.replace("WHERE c.relkind", "WHERE c.oid = ANY (?) AND c.relkind"))) {
      statement.setArray(1, oids(relations));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          identities.put(row.getLong("oid"), row.getString("relreplident"));
          uneven.put(row.getLong("oid"), row.getBoolean("uneven"));
        }
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(UNIQUE_INDEXES)) {
      statement.setArray(1, oids(relations));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          PgShape.Builder builder = builders.get(row.getLong("indrelid"));
          if (builder != null) {
            builder.uniqueIndex(
                row.getString("relname"),
                ints(row.getArray("attnums")),
                row.getBoolean("indisprimary"),
                row.getBoolean("indisreplident"),
                row.getBoolean("plain"));
          }
        }
      }
    }
    Map<Long, PgShape> shapes = new HashMap<>();
    builders.forEach(
        (oid, builder) ->
            shapes.put(
                oid,
                builder.build(
                    identities.getOrDefault(oid, "d"), Boolean.TRUE.equals(uneven.get(oid)))));
    return new Shapes(shapes);
  }

  private Map<Long, List<ForeignKey>> foreignKeys(List<Relation> relations, TableScope scope)
      throws SQLException {
    Map<Long, List<ForeignKey>> foreignKeys = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(FOREIGN_KEYS)) {
      statement.setArray(1, oids(relations.stream().map(Relation::oid).toList()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          LocalName referenced = new LocalName(row.getString("nspname"), row.getString("relname"));
          foreignKeys
              .computeIfAbsent(row.getLong("conrelid"), id -> new ArrayList<>())
              .add(
                  new ForeignKey(
                      row.getString("conname"),
                      texts(row.getArray("columns")),
                      scope.nameOf(referenced).orElseGet(() -> scope.nameOutsidePlan(referenced)),
                      texts(row.getArray("referenced"))));
        }
      }
    }
    return foreignKeys;
  }

  private Array oids(List<Long> relations) throws SQLException {
    return connection.createArrayOf("oid", relations.toArray());
  }

  private static List<Integer> ints(Array array) throws SQLException {
    return Stream.of((Object[]) array.getArray()).map(n -> ((Number) n).intValue()).toList();
  }

  private static List<String> texts(Array array) throws SQLException {
    return Stream.of((Object[]) array.getArray()).map(Object::toString).toList();
  }

  /**
   * A type as a column has it.
   *
   * @param nativeType {@code format_type()} text
   */
  public record PgType(String nativeType, io.spokewire.common.change.LogicalType logicalType) {}

  private record Shapes(Map<Long, PgShape> byRelation) {
    PgShape of(long relation) {
      PgShape shape = byRelation.get(relation);
      return shape == null ? new PgShape.Builder().build("d", false) : shape;
    }
  }

  private record Relation(
      long oid,
      LocalName name,
      String kind,
      String persistence,
      String identity,
      boolean partition,
      @Nullable Long root,
      boolean uneven,
      boolean virtual) {
    /** Whether its rows are in the log under its own name. */
    boolean flows() {
      return (kind.equals("r") || kind.equals("p")) && persistence.equals("p") && !partition;
    }

    boolean hasBeforeImages() {
      return identity.equals("f") && !uneven;
    }

    String sql() {
      return quoted(name.schemaName(), name.tableName());
    }
  }
}
