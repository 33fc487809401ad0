package io.spokewire.common.type;

import io.spokewire.common.type.Meaning.Binary;
import io.spokewire.common.type.Meaning.Clock;
import io.spokewire.common.type.Meaning.Day;
import io.spokewire.common.type.Meaning.Decimal;
import io.spokewire.common.type.Meaning.Floating;
import io.spokewire.common.type.Meaning.Instant;
import io.spokewire.common.type.Meaning.Json;
import io.spokewire.common.type.Meaning.Label;
import io.spokewire.common.type.Meaning.Labels;
import io.spokewire.common.type.Meaning.NumberedTruth;
import io.spokewire.common.type.Meaning.Own;
import io.spokewire.common.type.Meaning.Text;
import io.spokewire.common.type.Meaning.Text.Blanks;
import io.spokewire.common.type.Meaning.Text.Limit;
import io.spokewire.common.type.Meaning.Truth;
import io.spokewire.common.type.Meaning.Uuid;
import io.spokewire.common.type.Meaning.Wall;
import io.spokewire.common.type.Meaning.Whole;
import io.spokewire.common.type.Meaning.Year;
import java.math.BigInteger;
import java.util.Locale;

/** What each engine's types mean. */
final class Meanings {
  private static final long NO_LIMIT = Long.MAX_VALUE;
  private static final Whole UNSIGNED_64 =
      new Whole(BigInteger.ZERO, BigInteger.TWO.pow(64).subtract(BigInteger.ONE));

  private Meanings() {}

  static Meaning of(NativeType type) {
    NativeType base = type.base();
    if (base != null) {
      return of(base); // a domain: what it forbids, its database refuses
    }
    return switch (type.engine()) {
      case POSTGRESQL -> type.array() ? new Own() : ofPostgres(type);
      case MYSQL, MARIADB -> ofMySql(type);
    };
  }

  private static Meaning ofPostgres(NativeType type) {
    return switch (type.name()) {
      case "smallint" -> Whole.of(Short.MIN_VALUE, Short.MAX_VALUE);
      case "integer" -> Whole.of(Integer.MIN_VALUE, Integer.MAX_VALUE);
      case "bigint" -> Whole.of(Long.MIN_VALUE, Long.MAX_VALUE);
      case "oid" -> Whole.of(0, 0xFFFF_FFFFL);
      case "numeric" -> decimal(type, Decimal.ANY);
      case "real" -> new Floating(32, false, false);
      case "double precision" -> new Floating(64, false, false);
      case "boolean" -> new Truth();
      case "text" -> postgresText(type, NO_LIMIT, Limit.NONE, Blanks.KEPT);
      case "character varying" ->
          type.arguments().isEmpty()
              ? postgresText(type, NO_LIMIT, Limit.NONE, Blanks.KEPT)
              : postgresText(type, type.argument(0, 0), Limit.CHARACTERS, Blanks.KEPT);
      case "character" -> postgresText(type, type.argument(0, 1), Limit.CHARACTERS, Blanks.ADDED);
      case "bpchar" -> postgresText(type, NO_LIMIT, Limit.NONE, Blanks.ADDED);
      case "name" -> postgresText(type, 63, Limit.BYTES, Blanks.KEPT);
      case "bytea" -> new Binary(NO_LIMIT, false);
      case "date" -> new Day();
      case "time without time zone" -> new Clock(type.argument(0, 6));
      case "timestamp without time zone" -> new Wall(type.argument(0, 6));
      case "timestamp with time zone" -> new Instant(type.argument(0, 6));
      case "uuid" -> new Uuid();
      case "json" -> new Json(Json.Form.AS_WRITTEN);
      case "jsonb" -> new Json(Json.Form.SORTED);
      default -> {
        if (!type.labels().isEmpty()) {
          yield new Label(type.labels());
        }
        yield isCitext(type.name())
            ? new Text(
                NO_LIMIT,
                NO_LIMIT,
                Limit.NONE,
                Blanks.KEPT,
                Repertoire.ALL,
                new TextEquality(TextEquality.Kind.FOLDED, "citext"))
            : new Own();
      }
    };
  }

  private static boolean isCitext(String name) {
    return name.equals("citext") || name.endsWith(".citext");
  }

  private static Text postgresText(NativeType type, long most, Limit limit, Blanks blanks) {
    boolean folded = type.text().endsWith(" nondeterministic");
    TextEquality equality =
        folded ? new TextEquality(TextEquality.Kind.FOLDED, type.collation()) : TextEquality.EXACT;
    long bytes = limit == Limit.CHARACTERS ? most * Repertoire.ALL.widest() : most;
    return new Text(most, bytes, limit, blanks, Repertoire.ALL, equality);
  }

  private static Meaning ofMySql(NativeType type) {
    return switch (type.name()) {
      case "tinyint" ->
          type.argument(0, 4) == 1 && !type.unsigned() ? new NumberedTruth() : whole(type, 8);
      case "smallint" -> whole(type, 16);
      case "mediumint" -> whole(type, 24);
      case "int", "integer" -> whole(type, 32);
      case "bigint" -> type.unsigned() ? UNSIGNED_64 : whole(type, 64);
      case "decimal", "numeric" -> decimal(type, new Decimal(10, 0, type.unsigned()));
      case "float" -> new Floating(32, !type.arguments().isEmpty(), type.unsigned());
      case "double" -> new Floating(64, !type.arguments().isEmpty(), type.unsigned());
      case "bit" -> type.argument(0, 1) == 1 ? new Truth() : new Own();
      case "char" -> mySqlText(type, type.argument(0, 1), Limit.CHARACTERS, Blanks.CUT);
      case "varchar" -> mySqlText(type, type.argument(0, 1), Limit.CHARACTERS, Blanks.KEPT);
      case "tinytext" -> mySqlText(type, 255, Limit.BYTES, Blanks.KEPT);
      case "text" -> mySqlText(type, 65_535, Limit.BYTES, Blanks.KEPT);
      case "mediumtext" -> mySqlText(type, 16_777_215, Limit.BYTES, Blanks.KEPT);
      case "longtext" -> mySqlText(type, 4_294_967_295L, Limit.BYTES, Blanks.KEPT);
      case "enum" -> new Label(type.labels());
      case "set" -> new Labels(type.labels());
      case "binary" -> new Binary(type.argument(0, 1), true);
      case "varbinary" -> new Binary(type.argument(0, 1), false);
      case "tinyblob" -> new Binary(255, false);
      case "blob" -> new Binary(65_535, false);
      case "mediumblob" -> new Binary(16_777_215, false);
      case "longblob" -> new Binary(4_294_967_295L, false);
      case "date" -> new Day();
      case "time" -> new Clock(type.argument(0, 0));
      case "datetime" -> new Wall(type.argument(0, 0));
      case "timestamp" -> new Instant(type.argument(0, 0));
      case "year" -> new Year();
      case "json" ->
          new Json(
              type.engine() == DatabaseEngine.MYSQL ? Json.Form.SORTED_64 : Json.Form.AS_WRITTEN);
      case "uuid" -> new Uuid();
      default -> new Own();
    };
  }

  private static Whole whole(NativeType type, int bits) {
    return type.unsigned()
        ? Whole.of(0, (1L << bits) - 1)
        : Whole.of(-1L << (bits - 1), ~(-1L << (bits - 1)));
  }

  private static Decimal decimal(NativeType type, Decimal withoutArguments) {
    return type.arguments().isEmpty()
        ? withoutArguments
        : new Decimal(type.argument(0, 0), type.argument(1, 0), type.unsigned());
  }

  private static Text mySqlText(NativeType type, long most, Limit limit, Blanks blanks) {
    Repertoire repertoire = Repertoire.of(type.characterSet().toLowerCase(Locale.ROOT));
    long bytes = limit == Limit.CHARACTERS ? most * repertoire.widest() : most;
    return new Text(most, bytes, limit, blanks, repertoire, TextEquality.ofMySql(type));
  }
}
