package io.spokewire.common.type;

import io.spokewire.common.type.Meaning.Binary;
import io.spokewire.common.type.Meaning.Clock;
import io.spokewire.common.type.Meaning.Decimal;
import io.spokewire.common.type.Meaning.Floating;
import io.spokewire.common.type.Meaning.Instant;
import io.spokewire.common.type.Meaning.Label;
import io.spokewire.common.type.Meaning.Text;
import io.spokewire.common.type.Meaning.Text.Limit;
import io.spokewire.common.type.Meaning.Wall;
import io.spokewire.common.type.Meaning.Whole;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The type of one engine that is closest to a type of another: what a person should choose. */
final class Counterparts {
  /** What MySQL takes of decimals. */
  private static final int MOST_PRECISION = 65;

  private static final int MOST_SCALE = 30;
  private static final int MOST_CHARACTERS = 16_383;

  private Counterparts() {}

  /** The closest type, as that engine's agent would report it; empty if there is none. */
  static Optional<String> of(ColumnType type, DatabaseEngine engine) {
    if (type.engine().isRelatedTo(engine) && !(type.meaning() instanceof Meaning.Uuid)) {
      return Optional.of(type.nativeType().text());
    }
    return engine == DatabaseEngine.POSTGRESQL
        ? inPostgres(type.meaning())
        : inMySql(type.meaning(), engine);
  }

  /** The same type with an equality that counts every byte; empty if it is no text of MySQL. */
  static Optional<String> exactlyCompared(ColumnType type) {
    if (!(type.meaning() instanceof Text) || type.isPostgres()) {
      return Optional.empty();
    }
    String text = type.nativeType().text();
    int suffix = text.indexOf(" character set ");
    return Optional.of((suffix < 0 ? text : text.substring(0, suffix)) + bytewise(type.engine()));
  }

  /** PostgreSQL's smallest type that holds all of these numbers. */
  static String wholeInPostgres(Whole range) {
    if (range.most().bitLength() > 63) {
      return "numeric(" + range.digits() + ",0)";
    }
    if (Whole.of(Short.MIN_VALUE, Short.MAX_VALUE).has(range)) {
      return "smallint";
    }
    return Whole.of(Integer.MIN_VALUE, Integer.MAX_VALUE).has(range) ? "integer" : "bigint";
  }

  private static Optional<String> inPostgres(Meaning meaning) {
    return switch (meaning) {
      case Whole w -> Optional.of(wholeInPostgres(w));
      case Meaning.Year y -> Optional.of("smallint");
      case Meaning.NumberedTruth t -> Optional.of("boolean");
      case Meaning.Truth t -> Optional.of("boolean");
      case Decimal d -> Optional.of("numeric(%d,%d)".formatted(d.precision(), d.scale()));
      case Floating f -> Optional.of(f.bits() == 32 ? "real" : "double precision");
      case Text t ->
          Optional.of(
              t.limit() == Limit.CHARACTERS ? "character varying(" + t.characters() + ")" : "text");
      case Label l -> Optional.empty(); // would need CREATE TYPE first
      case Meaning.Labels l -> Optional.of("text");
      case Binary b -> Optional.of(b.fixed() && b.most() == 16 ? "uuid" : "bytea");
      case Meaning.Day d -> Optional.of("date");
      case Clock c -> Optional.of("time(%d) without time zone".formatted(c.digits()));
      case Wall w -> Optional.of("timestamp(%d) without time zone".formatted(w.digits()));
      case Instant i -> Optional.of("timestamp(%d) with time zone".formatted(i.digits()));
      case Meaning.Uuid u -> Optional.of("uuid");
      case Meaning.Json j -> Optional.of("jsonb");
      case Meaning.Own o -> Optional.empty();
    };
  }

  private static Optional<String> inMySql(Meaning meaning, DatabaseEngine engine) {
    return switch (meaning) {
      case Whole w -> Optional.of(wholeInMySql(w));
      case Meaning.Year y -> Optional.empty();
      case Meaning.NumberedTruth t -> Optional.of("tinyint(1)");
      case Meaning.Truth t -> Optional.of("tinyint(1)");
      case Decimal d -> decimal(d);
      case Floating f -> Optional.of(f.bits() == 32 ? "float" : "double");
      case Text t -> Optional.of(text(t) + bytewise(engine));
      case Label l -> Optional.of("enum(" + quoted(l.labels()) + ")" + bytewise(engine));
      case Meaning.Labels l -> Optional.empty();
      case Binary b -> Optional.of("longblob");
      case Meaning.Day d -> Optional.of("date");
      case Clock c -> Optional.of("time" + digits(c.digits()));
      case Wall w -> Optional.of("datetime" + digits(w.digits()));
      case Instant i -> Optional.of("timestamp" + digits(i.digits()));
      case Meaning.Uuid u -> Optional.of(engine == DatabaseEngine.MARIADB ? "uuid" : "binary(16)");
      case Meaning.Json j ->
          Optional.of(engine == DatabaseEngine.MYSQL ? "json" : "longtext" + bytewise(engine));
      case Meaning.Own o -> Optional.empty();
    };
  }

  private static String wholeInMySql(Whole range) {
    if (range.least().signum() >= 0 && range.most().bitLength() == 32) {
      return "int unsigned"; // PostgreSQL's oid
    }
    return switch (wholeInPostgres(range)) {
      case "smallint" -> "smallint";
      case "integer" -> "int";
      default -> "bigint";
    };
  }

  private static Optional<String> decimal(Decimal d) {
    boolean fits =
        d.precision() <= MOST_PRECISION
            && d.scale() >= 0
            && d.scale() <= Math.min(MOST_SCALE, d.precision());
    return fits
        ? Optional.of("decimal(%d,%d)".formatted(d.precision(), d.scale()))
        : Optional.empty();
  }

  private static String text(Text t) {
    return t.limit() == Limit.NONE || t.characters() > MOST_CHARACTERS
        ? "longtext"
        : "varchar(" + t.characters() + ")";
  }

  private static String bytewise(DatabaseEngine engine) {
    return " character set utf8mb4 collate "
        + (engine == DatabaseEngine.MARIADB ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin");
  }

  private static String digits(int digits) {
    return digits == 0 ? "" : "(" + digits + ")";
  }

  private static String quoted(List<String> labels) {
    return labels.stream()
        .map(label -> "'" + label.replace("'", "''") + "'")
        .collect(Collectors.joining(","));
  }
}
