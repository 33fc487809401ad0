package io.spokewire.common.type;

import static io.spokewire.common.type.DatabaseEngine.MARIADB;
import static io.spokewire.common.type.DatabaseEngine.MYSQL;
import static io.spokewire.common.type.DatabaseEngine.POSTGRESQL;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.change.Column;
import io.spokewire.common.change.LogicalType;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.testing.EdgeValues;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every rule of the agreement. {@code PG} is a PostgreSQL, {@code MY} a MySQL type. */
class TypeAgreementTest {
  private static final TableName ORDERS = new TableName("orders");
  private static final String BINARY = " character set utf8mb4 collate utf8mb4_0900_bin";
  private static final String FOLDED = " character set utf8mb4 collate utf8mb4_0900_ai_ci";
  private static final String PADDED = " character set utf8mb4 collate utf8mb4_bin";

  // ---- one engine, one type

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "boolean; BOOLEAN",
        "numeric(10,2); DECIMAL",
        "numeric; DECIMAL",
        "character(5); TEXT",
        "citext; TEXT",
        "interval; NATIVE",
        "integer[]; NATIVE",
        "mood enum('sad','ok'); NATIVE",
        "email over character varying(20); TEXT",
        "uuid; UUID",
        "jsonb; JSON",
        "time with time zone; NATIVE",
        "real; FLOAT32"
      })
  void oneTypeAtAllSitesTravelsAsItsAgentsHaveIt(String type, LogicalType own) {
    TypeAgreement agreement =
        agree(
            site("lisbon", POSTGRESQL, type, own),
            site("porto", POSTGRESQL, type, own),
            site("faro", POSTGRESQL, type, own));

    assertThat(agreement.type()).contains(own);
    assertThat(agreement.misfits()).isEmpty();
    assertThat(agreement.passages())
        .hasSize(6)
        .allMatch(p -> p.verdict().equals(new Verdict.Exact("")));
  }

  @Test
  void oneTypeOfMySqlTravelsAsItsAgentsHaveIt() {
    assertThat(
            agree(
                    site("lisbon", MYSQL, "bit(12)", LogicalType.NATIVE),
                    site("porto", MARIADB, "bit(12)", LogicalType.NATIVE))
                .type())
        .contains(LogicalType.NATIVE);
  }

  // ---- whole numbers

  @Test
  void wholeNumbersOfOneRangeAreExact() {
    exact("smallint", "smallint");
    exact("integer", "int");
    exact("integer", "int(11)");
    exact("bigint", "bigint");
    exact("oid", "int unsigned");
  }

  @Test
  void aSmallerRangeIsRefusedOneWayAndWidenedTheOther() {
    refused(to("bigint", "int"), "from -9223372036854775808");
    widened(from("bigint", "int"));
    refused(from("integer", "bigint"), "from -2147483648 to 2147483647");
    refused(to("bigint", "smallint unsigned"), "");
    refused(from("smallint", "smallint unsigned"), "");
  }

  @Test
  void whereNoTypeIsCloserWhatOneLacksIsSetAside() {
    setAside(to("smallint", "tinyint"), "numbers outside -128 to 127");
    setAside(to("smallint", "tinyint unsigned"), "numbers outside 0 to 255");
    setAside(to("integer", "mediumint"), "numbers outside -8388608 to 8388607");
    setAside(to("integer", "smallint unsigned"), "numbers outside 0 to 65535");
    setAside(to("bigint", "int unsigned"), "numbers outside 0 to 4294967295");
    widened(from("bigint", "int unsigned"));
    setAside(to("numeric(20,0)", "bigint unsigned"), "numbers outside 0 to 18446744073709551615");
    widened(from("numeric(20,0)", "bigint unsigned"));
    refused(to("bigint", "bigint unsigned"), "");
    refused(from("bigint", "bigint unsigned"), "");
  }

  @Test
  void unsignedBigintsAndNumericTravelAsEitherSiteHasThem() {
    SiteColumn lisbon = site("lisbon", POSTGRESQL, "numeric(20,0)", LogicalType.DECIMAL);
    SiteColumn porto = site("porto", MYSQL, "bigint unsigned", LogicalType.INTEGER);
    assertThat(agree(lisbon, porto).type()).contains(LogicalType.DECIMAL);
    assertThat(agree(porto, lisbon).type()).contains(LogicalType.INTEGER);
  }

  // ---- truth values

  @Test
  void booleansAreTinyintOneOrBitOne() {
    exact("boolean", "tinyint(1)", "");
    setAside(from("boolean", "tinyint(1)"), "numbers other than 0 and 1");
    exact("boolean", "bit(1)");
    refused(to("boolean", "tinyint"), "different kinds");
    refused(to("boolean", "bit(2)"), "");
    refused(to("boolean", "tinyint(1) unsigned"), "");
  }

  @Test
  void booleansTravelAsTheFirstSiteHasThem() {
    SiteColumn lisbon = site("lisbon", POSTGRESQL, "boolean", LogicalType.BOOLEAN);
    SiteColumn porto = site("porto", MYSQL, "tinyint(1)", LogicalType.INTEGER);
    assertThat(agree(lisbon, porto).type()).contains(LogicalType.BOOLEAN);
    assertThat(agree(porto, lisbon).type()).contains(LogicalType.INTEGER);
    SiteColumn bit = site("faro", MYSQL, "bit(1)", LogicalType.NATIVE);
    assertThat(agree(lisbon, bit).type()).contains(LogicalType.BOOLEAN);
    assertThat(agree(bit, lisbon).type()).contains(LogicalType.NATIVE);
  }

  @Test
  void tinyintOneIsANumberWhereTheOtherSideHasNumbers() {
    setAside(to("smallint", "tinyint(1)"), "numbers outside -128 to 127");
    widened(from("smallint", "tinyint(1)"));
  }

  // ---- decimals and floats

  @Test
  void decimalsKeepPrecisionAndScale() {
    exact("numeric(10,2)", "decimal(10,2)", "NaN");
    refused(to("numeric(10,2)", "decimal(10,1)"), "1 digits behind the point, not 2");
    refused(to("numeric(10,2)", "decimal(9,2)"), "7 digits before the point, not 8");
    refused(from("numeric(10,2)", "decimal(12,4)"), "2 digits behind the point, not 4");
    widened(to("numeric(10,2)", "decimal(12,4)"));
    refused(to("numeric", "decimal(65,30)"), "any number of digits");
    widened(from("numeric", "decimal(65,30)"));
    setAside(to("numeric(10,2)", "decimal(10,2) unsigned"), "negative numbers");
    refused(to("numeric(10,2)", "decimal"), "");
    exact("numeric(10,0)", "decimal", "NaN");
  }

  @Test
  void decimalsOfOneEngineKeepTheirScaleToo() {
    assertThat(verdict(POSTGRESQL, "numeric(10,2)", POSTGRESQL, "numeric(10,1)"))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(verdict(MYSQL, "decimal(10,2)", MYSQL, "decimal(10,2) unsigned"))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void wholeNumbersFitWideDecimals() {
    widened(to("integer", "decimal(10,0)"));
    refused(from("integer", "decimal(10,0)"), "digits do not all fit");
    refused(to("integer", "decimal(10,2)"), "8 digits before the point");
    refused(from("integer", "decimal(10,2)"), "no digits behind the point");
    refused(to("integer", "decimal(12,0) unsigned"), "no negative numbers");
  }

  @Test
  void floatsKeepTheirBits() {
    exact("real", "float", "NaN");
    exact("double precision", "double", "NaN");
    refused(to("double precision", "float"), "half the bits");
    widened(to("real", "double"));
    refused(to("real", "float(7,4)"), "rounds");
    widened(from("real", "float(7,4)"));
    refused(to("real", "float unsigned"), "no negative numbers");
    refused(to("numeric(10,2)", "double"), "different kinds");
    assertThat(
            agree(
                    push("lisbon", POSTGRESQL, "real", LogicalType.FLOAT32),
                    pull("porto", MYSQL, "double", LogicalType.FLOAT64))
                .type())
        .contains(LogicalType.FLOAT64);
  }

  // ---- texts

  @Test
  void textsKeepTheirLength() {
    exact("character varying(20)", "varchar(20)" + BINARY, "");
    setAside(from("character varying(20)", "varchar(20)" + BINARY), "the character U+0000");
    refused(to("character varying(20)", "varchar(19)" + BINARY), "19 characters, not 20");
    widened(to("character varying(20)", "varchar(21)" + BINARY));
    refused(from("character varying(20)", "varchar(21)" + BINARY), "20 characters, not 21");
    refused(to("text", "varchar(255)" + BINARY), "255 characters, not any number");
    widened(from("text", "varchar(255)" + BINARY));
    refused(to("character varying(64)", "tinytext" + BINARY), "255 bytes, not 64 characters");
    widened(to("character varying(63)", "tinytext" + BINARY));
    refused(to("text", "tinytext" + BINARY), "255 bytes");
  }

  @Test
  void largeTextsAreSetAsideWhereTheyAreTooLong() {
    setAside(to("text", "text" + BINARY), "more than 65535 bytes");
    setAside(to("text", "longtext" + BINARY), "more than 4294967295 bytes");
    setAside(from("text", "longtext" + BINARY), "U+0000");
    assertThat(verdict(MYSQL, "longtext" + BINARY, MYSQL, "text" + BINARY))
        .isEqualTo(
            new Verdict.Exact("rows with texts of more than 65535 bytes are set aside at MySQL"));
  }

  @Test
  void textsKeepTheirCharacters() {
    refused(
        to("character varying(20)", "varchar(20) character set latin1 collate latin1_bin"),
        "character set latin1 lacks");
    refused(
        to("character varying(20)", "varchar(20) character set utf8mb3 collate utf8mb3_bin"),
        "character set utf8mb3 lacks");
    widened(from("character varying(20)", "varchar(20) character set latin1 collate latin1_bin"));
    assertThat(
            verdict(
                MYSQL,
                "varchar(20) character set ascii collate ascii_bin",
                MYSQL,
                "varchar(20) character set latin1 collate latin1_bin"))
        .isInstanceOf(Verdict.Widened.class);
    assertThat(
            verdict(
                MYSQL,
                "varchar(20) character set gbk collate gbk_bin",
                MYSQL,
                "varchar(20) character set big5 collate big5_bin"))
        .isInstanceOf(Verdict.Refused.class);
    assertThat(
            verdict(
                MYSQL,
                "varchar(20) character set gbk collate gbk_bin",
                MYSQL,
                "varchar(20) character set utf8mb3 collate utf8mb3_bin"))
        .isInstanceOf(Verdict.Widened.class);
  }

  @Test
  void spacesAtTheEndAreNeitherCutNorAdded() {
    refused(to("character varying(5)", "char(5)" + BINARY), "cuts spaces");
    widened(from("character varying(5)", "char(5)" + BINARY));
    refused(from("character(5)", "varchar(5)" + BINARY), "fills the other up");
    refused(to("character(5)", "varchar(5)" + BINARY), "fills it up");
    assertThat(verdict(MYSQL, "char(5)" + BINARY, MYSQL, "char(5)" + FOLDED))
        .isInstanceOf(Verdict.Exact.class);
  }

  @Test
  void enumsGoByTheirLabels() {
    exact("mood enum('sad','ok')", "enum('sad','ok')" + BINARY);
    setAside(to("mood enum('sad','ok')", "enum('sad')" + BINARY), "labels that the other lacks");
    refused(to("mood enum('Sad')", "enum('sad')" + FOLDED), "'Sad' would become 'sad'");
    widened(to("mood enum('sad','ok')", "varchar(3)" + BINARY));
    refused(to("mood enum('sad','happy')", "varchar(3)" + BINARY), "longest label");
    refused(from("mood enum('sad','ok')", "varchar(3)" + BINARY), "different kinds");
    widened(from("text", "enum('sad','ok')" + BINARY));
    refused(to("text", "enum('sad','ok')" + BINARY), "different kinds");
    refused(to("text", "set('a','b')"), "different kinds");
    widened(from("text", "set('a','b')"));
    assertThat(verdict(MYSQL, "set('a','b')", MYSQL, "set('b','a')"))
        .isInstanceOf(Verdict.Refused.class);
    // Labels that one PostgreSQL has and another not yet.
    assertThat(
            agree(
                    site("lisbon", POSTGRESQL, "mood enum('a','b')", LogicalType.NATIVE),
                    site("porto", POSTGRESQL, "mood enum('a')", LogicalType.NATIVE))
                .type())
        .contains(LogicalType.NATIVE);
  }

  // ---- bytes and UUIDs

  @Test
  void bytesAreNotFilledUp() {
    setAside(to("bytea", "blob"), "more than 65535 bytes");
    exact("bytea", "longblob", "more than 4294967295 bytes");
    refused(to("bytea", "binary(8)"), "fills its values up with zeros");
    widened(from("bytea", "binary(8)"));
    refused(to("bytea", "varbinary(8)"), "8 bytes");
    assertThat(verdict(MYSQL, "binary(8)", MARIADB, "binary(9)"))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void uuidsAreSixteenBytesOrThirtySixCharacters() {
    exact("uuid", "binary(16)");
    assertThat(verdict(POSTGRESQL, "uuid", MARIADB, "uuid"))
        .isInstanceOfSatisfying(
            Verdict.Exact.class,
            exact -> assertThat(exact.note()).contains("versions 8 to 15", "set aside at MariaDB"));
    assertThat(verdict(MARIADB, "uuid", POSTGRESQL, "uuid")).isEqualTo(new Verdict.Exact(""));
    exact("uuid", "char(36)" + BINARY, "");
    setAside(from("uuid", "char(36)" + FOLDED), "UUIDs in lower case");
    refused(to("uuid", "varchar(40)" + BINARY), "");
    refused(to("uuid", "varbinary(16)"), "");
    SiteColumn lisbon = site("lisbon", POSTGRESQL, "uuid", LogicalType.UUID);
    SiteColumn porto = site("porto", MYSQL, "char(36)" + BINARY, LogicalType.TEXT);
    SiteColumn faro = site("faro", MYSQL, "binary(16)", LogicalType.BYTES);
    assertThat(agree(lisbon, porto).type()).contains(LogicalType.UUID);
    assertThat(agree(porto, lisbon).type()).contains(LogicalType.TEXT);
    assertThat(agree(faro, lisbon).type()).contains(LogicalType.BYTES);
    assertThat(agree(lisbon, porto, faro).misfits()).extracting(m -> m.site()).containsOnly(faro);
  }

  // ---- dates and times

  @Test
  void datesAreSetAsideBeyondTheOthersRange() {
    setAside(to("date", "date"), "infinity, years BC and years after 9999");
    setAside(from("date", "date"), "zero dates");
    exact("timestamp without time zone", "datetime(6)", "infinity");
    exact("timestamp(3) without time zone", "datetime(3)", "infinity");
    setAside(to("timestamp with time zone", "timestamp(6)"), "instants outside 1970 to 2038");
    setAside(from("timestamp with time zone", "timestamp(6)"), "zero dates");
    setAside(from("time without time zone", "time(6)"), "times below 00:00 and beyond 24:00");
    exact("time without time zone", "time(6)", "");
  }

  @Test
  void fractionsOfASecondAreNotRounded() {
    refused(to("timestamp without time zone", "datetime"), "0 digits of a second's fraction");
    widened(from("timestamp without time zone", "datetime"));
    refused(to("time without time zone", "time(3)"), "3 digits of a second's fraction, not 6");
    refused(to("timestamp with time zone", "timestamp"), "fraction");
    refused(from("date", "datetime"), "different kinds");
    assertThat(
            verdict(
                POSTGRESQL,
                "timestamp without time zone",
                POSTGRESQL,
                "timestamp(3) without time zone"))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void aTimeWithoutAZoneIsNoPointInTime() {
    refused(to("timestamp with time zone", "datetime(6)"), "point in time");
    refused(from("timestamp with time zone", "datetime(6)"), "point in time");
    refused(to("timestamp without time zone", "timestamp(6)"), "point in time");
  }

  @Test
  void yearsOnlyLeaveMySql() {
    widened(from("smallint", "year"));
    refused(to("smallint", "year"), "different kinds");
    refused(to("integer", "year"), "different kinds");
  }

  // ---- JSON

  @Test
  void jsonSaysWhatBecomesOfItsText() {
    widened(to("json", "json"));
    setAside(to("jsonb", "json"), "numbers that 64 bits do not hold");
    setAside(from("jsonb", "json"), "strings with U+0000");
    assertThat(verdict(POSTGRESQL, "json", MARIADB, "longtext" + BINARY))
        .isInstanceOf(Verdict.Widened.class);
    assertThat(note(verdict(MARIADB, "longtext" + BINARY, POSTGRESQL, "jsonb")))
        .contains("texts that are no JSON")
        .contains("PostgreSQL sorts keys");
    assertThat(
            agree(
                    site("lisbon", POSTGRESQL, "jsonb", LogicalType.JSON),
                    site("porto", MARIADB, "longtext" + BINARY, LogicalType.TEXT))
                .type())
        .contains(LogicalType.JSON);
    assertThat(
            agree(
                    site("porto", MARIADB, "longtext" + BINARY, LogicalType.TEXT),
                    site("lisbon", POSTGRESQL, "jsonb", LogicalType.JSON))
                .type())
        .contains(LogicalType.TEXT);
  }

  // ---- what only one engine has

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "interval",
        "integer[]",
        "int4range",
        "inet",
        "money",
        "bit(3)",
        "xml",
        "tsvector",
        "time with time zone",
        "hstore",
        "mood_pair"
      })
  void whatOnlyPostgresHasGoesToPostgresOnly(String type) {
    refused(to(type, "longtext" + BINARY), "only its own engine");
    refused(from(type, "longtext" + BINARY), "only its own engine");
    assertThat(verdict(POSTGRESQL, type, POSTGRESQL, type)).isEqualTo(new Verdict.Exact(""));
    assertThat(verdict(POSTGRESQL, type, POSTGRESQL, "point")).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void geometriesAndBitsStayWithTheirEngine() {
    refused(from("bytea", "geometry"), "only its own engine");
    refused(from("bigint", "bit(64)"), "only its own engine");
    assertThat(verdict(MYSQL, "point", MARIADB, "point")).isEqualTo(new Verdict.Exact(""));
  }

  @Test
  void aDomainCountsAsItsBase() {
    exact("email over character varying(20)", "varchar(20)" + BINARY, "");
    assertThat(
            verdict(
                POSTGRESQL,
                "email over character varying(20)",
                POSTGRESQL,
                "character varying(20)"))
        .isInstanceOf(Verdict.Exact.class);
  }

  // ---- keys

  @Test
  void keysThatMySqlComparesMoreLooselyAreRefused() {
    SiteColumn lisbon =
        key("lisbon", POSTGRESQL, "character varying(20)", LogicalType.TEXT, Direction.BOTH);

    assertThat(misfit(lisbon, myKey("varchar(20)" + FOLDED)).reason())
        .isEqualTo(
            "from lisbon to porto, texts that differ only in case, accents or the like are one key"
                + " there (utf8mb4_0900_ai_ci) and two for the hub");
    assertThat(misfit(lisbon, myKey("varchar(20)" + FOLDED)).remedies())
        .containsExactly(
            "at porto: ALTER TABLE orders MODIFY code varchar(20)" + BINARY + " NOT NULL");
    assertThat(misfit(lisbon, myKey("varchar(20)" + PADDED)).reason())
        .contains("spaces at the end");
    assertThat(agree(lisbon, myKey("varchar(20)" + BINARY)).misfits()).isEmpty();
    assertThat(agree(lisbon, myKey("varchar(20)")).misfits()).hasSize(1); // collation not said
  }

  @Test
  void whatIsNoKeyMayBeComparedLoosely() {
    exact("character varying(20)", "varchar(20)" + FOLDED, "");
  }

  @Test
  void mariaDbIsToldItsOwnCollation() {
    SiteColumn lisbon =
        key("lisbon", POSTGRESQL, "character varying(20)", LogicalType.TEXT, Direction.BOTH);
    SiteColumn porto =
        key(
            "porto",
            MARIADB,
            "varchar(20) character set utf8mb4 collate utf8mb4_uca1400_ai_ci",
            LogicalType.TEXT,
            Direction.BOTH);
    assertThat(misfit(lisbon, porto).remedies().getFirst()).contains("collate utf8mb4_nopad_bin");
  }

  @Test
  void oneLooseKeyIsRefusedWhereTwoSitesWrite() {
    SiteColumn lisbon =
        key("lisbon", MYSQL, "varchar(20)" + FOLDED, LogicalType.TEXT, Direction.BOTH);
    SiteColumn reader =
        key("porto", MYSQL, "varchar(20)" + FOLDED, LogicalType.TEXT, Direction.PULL);
    assertThat(agree(lisbon, reader).misfits()).isEmpty();
    TypeAgreement.Misfit misfit = misfit(lisbon, myKey("varchar(20)" + FOLDED));
    assertThat(misfit.reason()).contains("one key at both");
    assertThat(misfit.remedies()).hasSize(2);

    SiteColumn folded =
        key(
            "lisbon",
            POSTGRESQL,
            "text collate \"ci\" nondeterministic",
            LogicalType.TEXT,
            Direction.BOTH);
    SiteColumn exact = key("porto", POSTGRESQL, "text", LogicalType.TEXT, Direction.BOTH);
    assertThat(agree(exact, folded).misfits()).hasSize(1);
  }

  @Test
  void keysThatDifferInTrailingSpacesAreTheEnginesOwnBusiness() {
    SiteColumn lisbon =
        key("lisbon", MYSQL, "varchar(20)" + PADDED, LogicalType.TEXT, Direction.BOTH);
    assertThat(agree(lisbon, myKey("varchar(20)" + PADDED)).misfits()).isEmpty();
  }

  @Test
  void uuidsAreOneKeyUnderAnyCollation() {
    SiteColumn lisbon = key("lisbon", POSTGRESQL, "uuid", LogicalType.UUID, Direction.BOTH);
    assertThat(agree(lisbon, myKey("char(36)" + FOLDED)).misfits()).isEmpty();
  }

  // ---- who sends and who receives

  @Test
  void onlyWaysThatValuesTakeCount() {
    SiteColumn small = push("lisbon", POSTGRESQL, "integer", LogicalType.INTEGER);
    SiteColumn large = site("porto", MYSQL, "bigint", LogicalType.INTEGER);
    assertThat(agree(small, large).misfits()).isEmpty();
    assertThat(agree(small, large).passages()).hasSize(1);
    assertThat(agree(site("lisbon", POSTGRESQL, "integer", LogicalType.INTEGER), large).misfits())
        .hasSize(1);
  }

  @Test
  void aLaterSiteIsLeftOutAndChangesNothing() {
    SiteColumn lisbon = site("lisbon", POSTGRESQL, "numeric(10,2)", LogicalType.DECIMAL);
    SiteColumn porto = site("porto", MYSQL, "decimal(10,1)", LogicalType.DECIMAL);
    SiteColumn faro = site("faro", MYSQL, "decimal(10,2)", LogicalType.DECIMAL);
    TypeAgreement agreement = agree(lisbon, porto, faro);

    assertThat(agreement.type()).contains(LogicalType.DECIMAL);
    assertThat(agreement.misfits()).hasSize(1);
    assertThat(agreement.misfits().getFirst().line(ORDERS))
        .isEqualTo(
            "orders.code is decimal(10,1) at porto and numeric(10,2) at lisbon: from porto to"
                + " lisbon, the other has 8 digits before the point, not 9 (at porto: ALTER TABLE"
                + " orders MODIFY code decimal(10,2) NOT NULL)");
    assertThat(agreement.passages()).hasSize(2);
  }

  @Test
  void whatIsFixedStays() {
    SiteColumn lisbon = site("lisbon", POSTGRESQL, "uuid", LogicalType.UUID);
    SiteColumn porto = site("porto", MYSQL, "char(36)" + BINARY, LogicalType.TEXT);
    assertThat(TypeAgreement.of(ORDERS, List.of(porto, lisbon), Optional.of(LogicalType.UUID)))
        .matches(a -> a.type().equals(Optional.of(LogicalType.UUID)) && a.misfits().isEmpty());

    SiteColumn faro = site("faro", MYSQL, "double", LogicalType.FLOAT64);
    assertThat(
            TypeAgreement.of(ORDERS, List.of(faro), Optional.of(LogicalType.FLOAT32))
                .misfits()
                .getFirst()
                .reason())
        .contains("agreed to travel as FLOAT32");
  }

  @Test
  void remediesNameTheTypeToChoose() {
    SiteColumn text = site("lisbon", POSTGRESQL, "text", LogicalType.TEXT);
    SiteColumn varchar = site("porto", MYSQL, "varchar(255)" + FOLDED, LogicalType.TEXT);
    assertThat(misfit(varchar, text).remedies())
        .containsExactly(
            "at lisbon: ALTER TABLE orders ALTER COLUMN code TYPE character varying(255)");
    assertThat(misfit(text, varchar).remedies())
        .containsExactly(
            "at porto: ALTER TABLE orders MODIFY code longtext" + BINARY + " NOT NULL");
    SiteColumn wide = site("lisbon", POSTGRESQL, "bigint", LogicalType.INTEGER);
    SiteColumn narrow = site("porto", MYSQL, "int", LogicalType.INTEGER);
    assertThat(misfit(wide, narrow).remedies())
        .containsExactly("at porto: ALTER TABLE orders MODIFY code bigint NOT NULL");
    SiteColumn local = site("porto", MYSQL, "datetime", LogicalType.TIMESTAMP);
    SiteColumn instant =
        site("lisbon", POSTGRESQL, "timestamp with time zone", LogicalType.TIMESTAMP_TZ);
    assertThat(misfit(instant, local).remedies())
        .containsExactly("at porto: ALTER TABLE orders MODIFY code timestamp(6) NOT NULL");
  }

  @Test
  void everyPairOfTypesGetsOneAnswerWhoeverComesFirst() {
    for (EdgeValues.Type postgres : EdgeValues.POSTGRES) {
      for (EdgeValues.Type mySql : EdgeValues.MYSQL) {
        SiteColumn lisbon = site("lisbon", POSTGRESQL, postgres.name(), LogicalType.NATIVE);
        SiteColumn porto = site("porto", MYSQL, mySql.name(), LogicalType.NATIVE);
        boolean together =
            verdict(to(postgres.name(), mySql.name())).isAccepted()
                && verdict(from(postgres.name(), mySql.name())).isAccepted();
        for (TypeAgreement agreement : List.of(agree(lisbon, porto), agree(porto, lisbon))) {
          String pair = postgres.name() + " with " + mySql.name();
          assertThat(agreement.misfits().isEmpty()).as(pair).isEqualTo(together);
          assertThat(agreement.type()).as(pair).isPresent();
        }
      }
    }
  }

  // ---- in short

  private record Way(DatabaseEngine from, String fromType, DatabaseEngine to, String toType) {}

  private static Way to(String postgres, String mySql) {
    return new Way(POSTGRESQL, postgres, MYSQL, mySql);
  }

  private static Way from(String postgres, String mySql) {
    return new Way(MYSQL, mySql, POSTGRESQL, postgres);
  }

  private static Verdict verdict(DatabaseEngine from, String a, DatabaseEngine to, String b) {
    return Passage.of(
        ColumnType.of(NativeType.parse(from, a), LogicalType.NATIVE),
        ColumnType.of(NativeType.parse(to, b), LogicalType.NATIVE));
  }

  private static Verdict verdict(Way way) {
    return verdict(way.from, way.fromType, way.to, way.toType);
  }

  private static void exact(String postgres, String mySql) {
    assertThat(verdict(to(postgres, mySql))).isEqualTo(new Verdict.Exact(""));
    assertThat(verdict(from(postgres, mySql))).isEqualTo(new Verdict.Exact(""));
  }

  private static void exact(String postgres, String mySql, String note) {
    assertThat(verdict(to(postgres, mySql))).isInstanceOf(Verdict.Exact.class);
    assertThat(verdict(from(postgres, mySql))).isInstanceOf(Verdict.Exact.class);
    assertThat(note(verdict(to(postgres, mySql)))).contains(note);
  }

  private static void widened(Way way) {
    assertThat(verdict(way)).as("%s", way).isInstanceOf(Verdict.Widened.class);
  }

  private static void setAside(Way way, String what) {
    assertThat(verdict(way).isAccepted()).as("%s", way).isTrue();
    assertThat(note(verdict(way))).contains(what);
  }

  private static void refused(Way way, String why) {
    assertThat(verdict(way)).as("%s", way).isInstanceOf(Verdict.Refused.class);
    assertThat(((Verdict.Refused) verdict(way)).reason()).contains(why);
  }

  private static String note(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Exact v -> v.note();
      case Verdict.Widened v -> v.note();
      case Verdict.Refused v -> "";
    };
  }

  private static TypeAgreement agree(SiteColumn... sites) {
    return TypeAgreement.of(ORDERS, List.of(sites), Optional.empty());
  }

  private static TypeAgreement.Misfit misfit(SiteColumn... sites) {
    return agree(sites).misfits().getFirst();
  }

  private static SiteColumn site(
      String spoke, DatabaseEngine engine, String type, LogicalType own) {
    return column(spoke, engine, type, own, false, Direction.BOTH);
  }

  private static SiteColumn push(
      String spoke, DatabaseEngine engine, String type, LogicalType own) {
    return column(spoke, engine, type, own, false, Direction.PUSH);
  }

  private static SiteColumn pull(
      String spoke, DatabaseEngine engine, String type, LogicalType own) {
    return column(spoke, engine, type, own, false, Direction.PULL);
  }

  private static SiteColumn key(
      String spoke, DatabaseEngine engine, String type, LogicalType own, Direction direction) {
    return column(spoke, engine, type, own, true, direction);
  }

  private static SiteColumn myKey(String type) {
    return key("porto", MYSQL, type, LogicalType.TEXT, Direction.BOTH);
  }

  private static SiteColumn column(
      String spoke,
      DatabaseEngine engine,
      String type,
      LogicalType own,
      boolean key,
      Direction direction) {
    return new SiteColumn(
        new SpokeId(spoke), engine, new Column("code", own, type, false), key, direction);
  }
}
