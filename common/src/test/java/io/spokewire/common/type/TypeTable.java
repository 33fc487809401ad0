package io.spokewire.common.type;

import static io.spokewire.common.type.DatabaseEngine.MARIADB;
import static io.spokewire.common.type.DatabaseEngine.MYSQL;
import static io.spokewire.common.type.DatabaseEngine.POSTGRESQL;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Prints {@code docs/types.md}: what the rules say of every pair of types. */
final class TypeTable {
  private static final String TEXT = " character set utf8mb4 collate utf8mb4_0900_bin";

  private static final List<String> POSTGRES =
      List.of(
          "smallint",
          "integer",
          "bigint",
          "oid",
          "numeric(10,2)",
          "numeric(20,0)",
          "numeric",
          "real",
          "double precision",
          "boolean",
          "character(5)",
          "character varying(20)",
          "text",
          "citext",
          "name",
          "mood enum('sad','ok')",
          "bytea",
          "date",
          "time without time zone",
          "timestamp without time zone",
          "timestamp with time zone",
          "uuid",
          "json",
          "jsonb",
          "time with time zone",
          "interval",
          "integer[]",
          "int4range",
          "bit(8)",
          "inet",
          "macaddr",
          "money",
          "point",
          "xml",
          "tsvector",
          "hstore",
          "ltree",
          "vector(3)");

  private static final List<Other> OTHERS =
      List.of(
          new Other(MYSQL, "tinyint(1)"),
          new Other(MYSQL, "tinyint"),
          new Other(MYSQL, "tinyint unsigned"),
          new Other(MYSQL, "smallint"),
          new Other(MYSQL, "smallint unsigned"),
          new Other(MYSQL, "mediumint"),
          new Other(MYSQL, "mediumint unsigned"),
          new Other(MYSQL, "int"),
          new Other(MYSQL, "int unsigned"),
          new Other(MYSQL, "bigint"),
          new Other(MYSQL, "bigint unsigned"),
          new Other(MYSQL, "decimal(10,2)"),
          new Other(MYSQL, "decimal(12,4)"),
          new Other(MYSQL, "decimal(10,2) unsigned"),
          new Other(MYSQL, "float"),
          new Other(MYSQL, "float(7,4)"),
          new Other(MYSQL, "double"),
          new Other(MYSQL, "bit(1)"),
          new Other(MYSQL, "bit(8)"),
          new Other(MYSQL, "char(5)" + TEXT),
          new Other(MYSQL, "char(36)" + TEXT),
          new Other(MYSQL, "varchar(20)" + TEXT),
          new Other(MYSQL, "varchar(20) character set latin1 collate latin1_bin"),
          new Other(MYSQL, "tinytext" + TEXT),
          new Other(MYSQL, "text" + TEXT),
          new Other(MYSQL, "longtext" + TEXT),
          new Other(MYSQL, "enum('sad','ok')" + TEXT),
          new Other(MYSQL, "set('a','b')" + TEXT),
          new Other(MYSQL, "binary(16)"),
          new Other(MYSQL, "varbinary(20)"),
          new Other(MYSQL, "blob"),
          new Other(MYSQL, "longblob"),
          new Other(MYSQL, "date"),
          new Other(MYSQL, "time"),
          new Other(MYSQL, "time(6)"),
          new Other(MYSQL, "datetime"),
          new Other(MYSQL, "datetime(6)"),
          new Other(MYSQL, "timestamp"),
          new Other(MYSQL, "timestamp(6)"),
          new Other(MYSQL, "year"),
          new Other(MYSQL, "json"),
          new Other(MARIADB, "uuid"),
          new Other(MARIADB, "json"),
          new Other(MARIADB, "inet6"),
          new Other(MYSQL, "geometry"));

  private final StringBuilder out = new StringBuilder();

  private TypeTable() {}

  private record Other(DatabaseEngine engine, String type) {
    /** Without what every text in the table has. */
    String label() {
      String name = type.replace(TEXT, "");
      return engine == MARIADB ? "MariaDB: " + name : name;
    }
  }

  static String print() {
    TypeTable table = new TypeTable();
    table.head();
    table.pairs();
    table.near();
    table.never();
    table.keys();
    return table.out.toString();
  }

  private void head() {
    out.append(
        """
        # Types

        <!-- Printed by the code that decides, see CONTRIBUTING.md; do not edit. -->

        A column travels in one logical type that all its sites agree on: the hub compares what sites
        write byte by byte. When a plan is applied, and when a spoke joins, the hub looks at the type
        that each site's column has. A value either comes back as it went, or the column is refused,
        with site, table, column, reason and, where another type helps, the SQL.

        Where all sites have the very same type of the very same engine, everything it can hold comes
        through to the byte, whatever the type.

        * **exact**: every value that both types have is the same on both sides, and comes back the
          same. A value that only one of them has (`NaN`, `infinity`, `0000-00-00`) is never changed:
          its row is set aside at the other site (`syncadm parked list`).
        * **widened**: every value arrives; the column there can hold more, or writes it otherwise.
        * **refused**: values would be cut, rounded, filled up or taken for others without a word.

        A way that no values take does not count: with `--direction push` or `pull` only one column
        of the tables below does.

        ## PostgreSQL with MySQL and MariaDB

        Texts of MySQL and MariaDB are `utf8mb4` here unless another character set is named. A domain
        counts as its base type. Lengths, precisions and fractions stand for all others: `(20)` with
        `(20)` is exact, with `(19)` it is refused.

        | PostgreSQL | MySQL, MariaDB | from PostgreSQL | to PostgreSQL | travels as |
        |---|---|---|---|---|
        """);
  }

  private void pairs() {
    for (String postgres : POSTGRES) {
      for (Other other : OTHERS) {
        Verdict there = verdict(POSTGRESQL, postgres, other.engine, other.type);
        Verdict back = verdict(other.engine, other.type, POSTGRESQL, postgres);
        if (there.isAccepted() || back.isAccepted()) {
          out.append(
              "| `%s` | `%s` | %s | %s | %s |%n"
                  .formatted(
                      shown(postgres),
                      other.label(),
                      cell(there),
                      cell(back),
                      form(postgres, other, there, back)));
        }
      }
    }
  }

  private void near() {
    out.append(
        """

        ## Close, and refused both ways

        | PostgreSQL | MySQL, MariaDB | because |
        |---|---|---|
        """);
    for (String postgres : POSTGRES) {
      for (Other other : OTHERS) {
        Verdict there = verdict(POSTGRESQL, postgres, other.engine, other.type);
        Verdict back = verdict(other.engine, other.type, POSTGRESQL, postgres);
        if (there instanceof Verdict.Refused(String why)
            && !back.isAccepted()
            && !why.contains("different kinds")
            && !why.contains("own engine")) {
          out.append("| `%s` | `%s` | %s |%n".formatted(shown(postgres), other.label(), why));
        }
      }
    }
    out.append("\nEvery other pair is refused: the two are of different kinds.\n");
  }

  private void never() {
    out.append("\n## Only to sites of the same engine\n\n");
    List<String> own = new ArrayList<>();
    for (String postgres : POSTGRES) {
      if (Meanings.of(NativeType.parse(POSTGRESQL, postgres)) instanceof Meaning.Own) {
        own.add("`" + postgres + "`");
      }
    }
    out.append("PostgreSQL: ").append(String.join(", ", own));
    out.append(" and all others not named above.\n\nMySQL and MariaDB: ");
    own.clear();
    for (Other other : OTHERS) {
      if (Meanings.of(NativeType.parse(other.engine, other.type)) instanceof Meaning.Own) {
        own.add("`" + other.label() + "`");
      }
    }
    out.append(String.join(", ", own)).append(" and all others not named above.\n");
  }

  private void keys() {
    out.append(
        """

        ## Keys and unique columns

        The hub tells rows apart by the bytes of their keys. A text column that is part of a key or of
        a unique index is refused where its database takes two of the hub's rows for one:

        * under a collation that overlooks case or accents (most of MySQL's and MariaDB's, `citext`,
          nondeterministic collations of PostgreSQL), as soon as a site with another collation, or a
          second site, writes;
        * under one that overlooks spaces at the end (`utf8mb4_bin`), where a site writes that does
          not: PostgreSQL, or a `NO PAD` collation.

        `utf8mb4_0900_bin` (MySQL) and `utf8mb4_nopad_bin` (MariaDB) compare like PostgreSQL. The
        refusal names the statement.

        ## When types change

        What sites agreed on stays as long as the table is in use: a spoke that joins later adapts to
        it, or waits, with the reason in `syncadm topology list`. A statement that changes a type later
        is a change of schema, not of the agreement.
        """);
  }

  /** What is set aside, shortened: the heading of the column says where. */
  private static String cell(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Exact v -> v.note().isEmpty() ? "exact" : "exact; " + v.note();
      case Verdict.Widened v -> v.note().isEmpty() ? "widened" : "widened; " + v.note();
      case Verdict.Refused v -> "**refused**: " + v.reason();
    };
  }

  private static String form(String postgres, Other other, Verdict there, Verdict back) {
    Direction first =
        !back.isAccepted() ? Direction.PUSH : there.isAccepted() ? Direction.BOTH : Direction.PULL;
    Direction second =
        switch (first) {
          case BOTH -> Direction.BOTH;
          case PUSH -> Direction.PULL;
          case PULL -> Direction.PUSH;
        };
    SiteColumn a = site("a", POSTGRESQL, postgres, first);
    SiteColumn b = site("b", other.engine, other.type, second);
    TreeSet<String> forms = new TreeSet<>();
    for (List<SiteColumn> order : List.of(List.of(a, b), List.of(b, a))) {
      TypeAgreement agreement = TypeAgreement.of(new TableName("t"), order, Optional.empty());
      forms.add(agreement.type().orElseThrow().name());
    }
    return String.join(" or ", forms);
  }

  private static SiteColumn site(
      String name, DatabaseEngine engine, String type, Direction direction) {
    Meaning meaning = Meanings.of(NativeType.parse(engine, type));
    return new SiteColumn(
        new SpokeId(name),
        engine,
        new Column("c", own(engine, meaning), type, true),
        false,
        direction);
  }

  /** In which type agents have it travel. */
  private static LogicalType own(DatabaseEngine engine, Meaning meaning) {
    return switch (meaning) {
      case Meaning.Whole m -> LogicalType.INTEGER;
      case Meaning.NumberedTruth m -> LogicalType.INTEGER;
      case Meaning.Year m -> LogicalType.INTEGER;
      case Meaning.Truth m -> engine == POSTGRESQL ? LogicalType.BOOLEAN : LogicalType.NATIVE;
      case Meaning.Decimal m -> LogicalType.DECIMAL;
      case Meaning.Floating m -> m.bits() == 32 ? LogicalType.FLOAT32 : LogicalType.FLOAT64;
      case Meaning.Text m -> LogicalType.TEXT;
      case Meaning.Label m -> LogicalType.NATIVE;
      case Meaning.Labels m -> LogicalType.NATIVE;
      case Meaning.Binary m -> LogicalType.BYTES;
      case Meaning.Day m -> LogicalType.DATE;
      case Meaning.Clock m -> LogicalType.TIME;
      case Meaning.Wall m -> LogicalType.TIMESTAMP;
      case Meaning.Instant m -> LogicalType.TIMESTAMP_TZ;
      case Meaning.Uuid m -> LogicalType.UUID;
      case Meaning.Json m -> LogicalType.JSON;
      case Meaning.Own m -> LogicalType.NATIVE;
    };
  }

  private static String shown(String postgres) {
    return postgres.startsWith("mood ") ? "enum" : postgres;
  }

  private static Verdict verdict(DatabaseEngine from, String a, DatabaseEngine to, String b) {
    return Passage.of(type(from, a), type(to, b));
  }

  private static ColumnType type(DatabaseEngine engine, String text) {
    return ColumnType.of(NativeType.parse(engine, text), LogicalType.NATIVE);
  }
}
