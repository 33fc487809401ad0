package io.spokewire.agent.schema.mysql;

import static io.spokewire.agent.schema.mysql.MyDatabase.quoted;

import io.spokewire.agent.schema.LocalName;
import io.spokewire.agent.schema.LocalTable;
import io.spokewire.agent.schema.TableCatalogue;
import io.spokewire.agent.schema.TableProblem;
import io.spokewire.agent.schema.TableProblem.Severity;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyShape.MyColumn;
import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableDescription.ForeignKey;
import io.spokewire.common.change.TableDescription.Generator;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the table catalogue from {@code information_schema}, which shows a user what it has rights
 * on, and whether tables are empty.
 *
 * <p>Uses the connection it is given and leaves it as it was. One thread.
 *
 * <p>The key of a table is its primary key.
 */
public final class MyCatalogue {
  private static final String FOREIGN_TO_US =
      "('mysql', 'information_schema', 'performance_schema', 'sys', 'spokewire')";

  private static final String TABLES =
      "SELECT t.TABLE_SCHEMA AS db, t.TABLE_NAME AS name, t.TABLE_TYPE AS kind, t.ENGINE AS engine"
          + " FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA NOT IN "
          + FOREIGN_TO_US
          + " ORDER BY t.TABLE_SCHEMA, t.TABLE_NAME";

  private static final String COLUMNS =
      "SELECT c.TABLE_SCHEMA AS db, c.TABLE_NAME AS tab, c.COLUMN_NAME AS name,"
          + " c.COLUMN_TYPE AS native, c.CHARACTER_SET_NAME AS charset,"
          + " c.COLLATION_NAME AS collation, c.IS_NULLABLE = 'YES' AS nullable, c.EXTRA AS extra"
          + " FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA NOT IN "
          + FOREIGN_TO_US
          + " ORDER BY c.TABLE_SCHEMA, c.TABLE_NAME, c.ORDINAL_POSITION";

  private static final String UNIQUE_INDEXES =
      "SELECT s.TABLE_SCHEMA AS db, s.TABLE_NAME AS tab, s.INDEX_NAME AS name, s.COLUMN_NAME AS"
          + " col, s.SUB_PART IS NULL AS whole FROM information_schema.STATISTICS s WHERE"
          + " s.NON_UNIQUE = 0 AND s.TABLE_SCHEMA NOT IN "
          + FOREIGN_TO_US
          + " ORDER BY s.TABLE_SCHEMA, s.TABLE_NAME, s.INDEX_NAME, s.SEQ_IN_INDEX";

  private static final String FOREIGN_KEYS =
      "SELECT k.TABLE_SCHEMA AS db, k.TABLE_NAME AS tab, k.CONSTRAINT_NAME AS name,"
          + " k.COLUMN_NAME AS col, k.REFERENCED_TABLE_SCHEMA AS ref_db,"
          + " k.REFERENCED_TABLE_NAME AS ref_tab, k.REFERENCED_COLUMN_NAME AS ref_col"
          + " FROM information_schema.KEY_COLUMN_USAGE k"
          + " WHERE k.REFERENCED_TABLE_NAME IS NOT NULL AND k.TABLE_SCHEMA NOT IN "
          + FOREIGN_TO_US
          + " ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION";

  /** MariaDB's JSON is a text with this check, made by the server for {@code JSON}. */
  private static final String JSON_CHECKS =
      "SELECT CONSTRAINT_SCHEMA AS db, TABLE_NAME AS tab, CONSTRAINT_NAME AS col, CHECK_CLAUSE AS"
          + " clause FROM information_schema.CHECK_CONSTRAINTS WHERE LEVEL = 'Column'";

  /** An offset beyond the increment does not count. */
  private static final String GENERATORS =
      "SELECT c.TABLE_SCHEMA AS db, c.TABLE_NAME AS tab, c.COLUMN_NAME AS name,"
          + " @@global.auto_increment_increment AS step,"
          + " IF(@@global.auto_increment_offset > @@global.auto_increment_increment, 1,"
          + " @@global.auto_increment_offset) AS first"
          + " FROM information_schema.COLUMNS c WHERE c.EXTRA LIKE '%auto_increment%'"
          + " AND c.TABLE_SCHEMA NOT IN "
          + FOREIGN_TO_US;

  private final Connection connection;

  public MyCatalogue(Connection connection) {
    this.connection = connection;
  }

  /** The connected database. */
  public String defaultSchema() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT coalesce(database(), '')")) {
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
    List<TableProblem> problems = new ArrayList<>();
    Map<LocalName, Relation> usable = new LinkedHashMap<>();
    for (Relation relation : relations()) {
      if (scope.nameOf(relation.name).isEmpty()) {
        continue;
      }
      Optional<TableProblem> refusal = relation.refusal(scope);
      refusal.ifPresent(problems::add);
      if (refusal.isEmpty() && relation.isTable()) {
        usable.put(relation.name, relation);
      }
    }
    TableScope.Resolution resolution = scope.resolve(List.copyOf(usable.keySet()));
    problems.addAll(resolution.problems());
    Map<LocalName, MyShape> shapes = shapes(Optional.empty());
    Map<LocalName, List<ForeignKey>> foreignKeys = foreignKeys(scope);
    Map<LocalName, Generator> generators = generators();
    List<TableCatalogue.Entry> entries = new ArrayList<>();
    resolution
        .tables()
        .forEach(
            (name, local) -> {
              MyShape shape = shapes.get(local);
              if (shape == null) {
                return; // dropped meanwhile
              }
              if (shape.key().isEmpty()) {
                problems.add(noKey(local, shape));
              }
              entries.add(
                  new TableCatalogue.Entry(
                      entries.size() + 1L, // MySQL shows its own numbers to administrators only
                      new LocalTable(
                          local.schemaName(),
                          local.tableName(),
                          new TableDescription(
                              TableSchema.of(name, shape.columns(), shape.key()),
                              shape.uniqueSets(),
                              foreignKeys.getOrDefault(local, List.of()),
                              true,
                              emptyAtStart.contains(name),
                              Optional.ofNullable(generators.get(local)).stream().toList()))));
            });
    return new TableCatalogue(entries, problems);
  }

  private Map<LocalName, Generator> generators() throws SQLException {
    Map<LocalName, Generator> generators = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(GENERATORS)) {
      while (row.next()) {
        generators.put(
            new LocalName(row.getString("db"), row.getString("tab")),
            new Generator(
                row.getString("name"), row.getLong("first"), row.getLong("step"), Long.MAX_VALUE));
      }
    }
    return generators;
  }

  /** The present shape of one table, or empty if it is gone. */
  public Optional<MyShape> shape(LocalName table) throws SQLException {
    return Optional.ofNullable(shapes(Optional.of(table)).get(table));
  }

  /** Whether this is there and can't flow: a view, or a table of another storage engine. */
  public boolean refuses(LocalName table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT TABLE_TYPE = 'BASE TABLE' AND ENGINE = 'InnoDB' FROM information_schema.TABLES"
                + " WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?")) {
      statement.setString(1, table.schemaName());
      statement.setString(2, table.tableName());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && !row.getBoolean(1);
      }
    }
  }

  /** Which of these tables have no row now. */
  public Set<TableName> emptyTables(Collection<LocalTable> tables) throws SQLException {
    Set<TableName> empty = new HashSet<>();
    try (Statement statement = connection.createStatement()) {
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
    }
    return empty;
  }

  private static TableProblem noKey(LocalName table, MyShape shape) {
    String why = shape.keyProblem().isEmpty() ? "has no primary key" : shape.keyProblem();
    return new TableProblem(
        Severity.LIMITED,
        table.toString(),
        why + ", and so it takes inserts only; the first update or delete stops capture",
        "ALTER TABLE "
            + quoted(table.schemaName(), table.tableName())
            + " ADD PRIMARY KEY (<columns>)");
  }

  private List<Relation> relations() throws SQLException {
    List<Relation> relations = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(TABLES)) {
      while (row.next()) {
        String engine = row.getString("engine");
        relations.add(
            new Relation(
                new LocalName(row.getString("db"), row.getString("name")),
                row.getString("kind"),
                engine == null ? "" : engine));
      }
    }
    return relations;
  }

  private Map<LocalName, MyShape> shapes(Optional<LocalName> only) throws SQLException {
    Set<String> json = jsonColumns();
    Map<LocalName, MyShape.Builder> builders = new HashMap<>();
    try (PreparedStatement statement = prepared(COLUMNS, "c", only);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        LocalName table = new LocalName(row.getString("db"), row.getString("tab"));
        String name = row.getString("name");
        String charset = row.getString("charset");
        String extra = row.getString("extra").toUpperCase(Locale.ROOT);
        String type = row.getString("native");
        boolean isJson = json.contains(table + "." + name);
        String nativeType =
            isJson
                ? "json"
                : charset == null
                    ? type
                    : type + " character set " + charset + " collate " + row.getString("collation");
        LogicalType logical = MyTypes.logicalType(nativeType);
        boolean generated =
            extra.contains("VIRTUAL GENERATED")
                || extra.contains("STORED GENERATED")
                || extra.contains("PERSISTENT");
        builders
            .computeIfAbsent(table, t -> new MyShape.Builder())
            .column(
                new MyColumn(
                    new Column(name, logical, nativeType, row.getBoolean("nullable")),
                    charset == null ? "" : charset,
                    generated));
      }
    }
    try (PreparedStatement statement = prepared(UNIQUE_INDEXES, "s", only);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        MyShape.Builder builder =
            builders.get(new LocalName(row.getString("db"), row.getString("tab")));
        if (builder != null) {
          String column = row.getString("col");
          builder.indexPart(
              row.getString("name"), column == null ? "" : column, row.getBoolean("whole"));
        }
      }
    }
    Map<LocalName, MyShape> shapes = new HashMap<>();
    builders.forEach((table, builder) -> shapes.put(table, builder.build()));
    return shapes;
  }

  private PreparedStatement prepared(String sql, String alias, Optional<LocalName> only)
      throws SQLException {
    String condition =
        only.isPresent()
            ? " AND " + alias + ".TABLE_SCHEMA = ? AND " + alias + ".TABLE_NAME = ? ORDER BY "
            : " ORDER BY ";
    PreparedStatement statement = connection.prepareStatement(sql.replace(" ORDER BY ", condition));
    if (only.isPresent()) {
      statement.setString(1, only.get().schemaName());
      statement.setString(2, only.get().tableName());
    }
    return statement;
  }

  /** {@code db.table.column} of MariaDB's JSON columns. */
  private Set<String> jsonColumns() throws SQLException {
    Set<String> json = new HashSet<>();
    if (MyFlavour.of(connection) != MyFlavour.MARIADB) {
      return json;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(JSON_CHECKS)) {
      while (row.next()) {
        String column = row.getString("col");
        if (row.getString("clause").equalsIgnoreCase("json_valid(" + quoted(column) + ")")) {
          json.add(row.getString("db") + "." + row.getString("tab") + "." + column);
        }
      }
    }
    return json;
  }

  private Map<LocalName, List<ForeignKey>> foreignKeys(TableScope scope) throws SQLException {
    Map<LocalName, Map<String, Reference>> found = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(FOREIGN_KEYS)) {
      while (row.next()) {
        LocalName table = new LocalName(row.getString("db"), row.getString("tab"));
        LocalName to = new LocalName(row.getString("ref_db"), row.getString("ref_tab"));
        Reference reference =
            found
                .computeIfAbsent(table, t -> new LinkedHashMap<>())
                .computeIfAbsent(
                    row.getString("name"),
                    name -> new Reference(to, new ArrayList<>(), new ArrayList<>()));
        reference.columns.add(row.getString("col"));
        reference.referenced.add(row.getString("ref_col"));
      }
    }
    Map<LocalName, List<ForeignKey>> foreignKeys = new HashMap<>();
    found.forEach(
        (table, references) -> {
          List<ForeignKey> keys = new ArrayList<>();
          references.forEach(
              (name, reference) ->
                  keys.add(
                      new ForeignKey(
                          name,
                          reference.columns,
                          scope
                              .nameOf(reference.to)
                              .orElseGet(() -> scope.nameOutsidePlan(reference.to)),
                          reference.referenced)));
          foreignKeys.put(table, keys);
        });
    return foreignKeys;
  }

  private record Reference(LocalName to, List<String> columns, List<String> referenced) {}

  private record Relation(LocalName name, String kind, String engine) {
    boolean isTable() {
      return kind.equals("BASE TABLE");
    }

    Optional<TableProblem> refusal(TableScope scope) {
      String reason =
          switch (kind) {
            case "BASE TABLE" -> "";
            case "VIEW", "SYSTEM VIEW" -> "is a view, whose rows are not in the log";
            case "SEQUENCE" -> "is a sequence";
            case "SYSTEM VERSIONED" ->
                "is system-versioned: its history can't be written by anyone but the server";
            default -> "is a " + kind.toLowerCase(Locale.ROOT);
          };
      if (!reason.isEmpty()) {
        // Under a pattern with a star a view is merely not a table.
        boolean tacit = kind.endsWith("VIEW") || kind.equals("SEQUENCE");
        return tacit && !scope.namesExactly(name)
            ? Optional.empty()
            : Optional.of(refused(reason, ""));
      }
      return engine.equalsIgnoreCase("InnoDB")
          ? Optional.empty()
          : Optional.of(
              refused(
                  "is of storage engine "
                      + engine
                      + ", whose changes can't be rolled back with the others",
                  "ALTER TABLE "
                      + quoted(name.schemaName(), name.tableName())
                      + " ENGINE = InnoDB"));
    }

    private TableProblem refused(String reason, String hint) {
      return new TableProblem(Severity.REFUSED, name.toString(), reason, hint);
    }
  }
}
