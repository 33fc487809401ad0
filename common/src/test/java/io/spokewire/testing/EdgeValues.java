package io.spokewire.testing;

import java.util.List;

/** Types of each engine, and values at their edges: what must come through, or be set aside. */
public final class EdgeValues {
  /** PostgreSQL's, without extensions; values as their input functions take them. */
  public static final List<EdgeValues.Type> POSTGRES =
      List.of(
          type("smallint", "-32768", "-1", "0", "32767"),
          type("integer", "-2147483648", "0", "2147483647"),
          type("bigint", "-9223372036854775808", "0", "9223372036854775807"),
          type("oid", "0", "4294967295"),
          type("numeric(10,2)", "0.00", "-99999999.99", "99999999.99", "1.50", "NaN"),
          type("numeric(20,0)", "0", "18446744073709551615", "-99999999999999999999", "NaN"),
          type("numeric(5,-2)", "1234500"),
          type(
              "numeric",
              "0",
              "0.000",
              "-1.50",
              "NaN",
              "Infinity",
              "-Infinity",
              "9".repeat(1000) + "." + "1".repeat(1000),
              "1e-16383",
              "1e131071"),
          type(
              "real",
              "0",
              "-0",
              "NaN",
              "Infinity",
              "-Infinity",
              "1e-45",
              "1.17549435e-38",
              "3.4028235e38",
              "0.1",
              "16777217"),
          type(
              "double precision",
              "0",
              "-0",
              "NaN",
              "Infinity",
              "-Infinity",
              "4.9e-324",
              "2.2250738585072014e-308",
              "1.7976931348623157e308",
              "0.1",
              "9007199254740993"),
          type("boolean", "t", "f"),
          type("character(5)", "", "a", "a    ", "äöüßé", "🎈"),
          type("character varying(20)", "", " ", "a ", "a\tb\nc\\d'e\"", "🎈".repeat(20)),
          type("character varying(36)", "123e4567-e89b-12d3-a456-426614174000", "no uuid"),
          type("text", "", "NULL", "\\N", "é", "e\u0301", "🎈", "x".repeat(100_000)),
          type("name", "a", "n".repeat(63)),
          type("\"char\"", "a", ""),
          type("bytea", "\\x", "\\x00", "\\x5c", "\\x00ff00", "\\x" + "ab".repeat(10_000)),
          type(
              "date",
              "-infinity",
              "infinity",
              "4713-01-01 BC",
              "0001-12-31 BC",
              "0001-01-01",
              "1582-10-10",
              "2024-02-29",
              "9999-12-31",
              "10000-01-01",
              "5874897-12-31"),
          type("time", "00:00:00", "23:59:59.999999", "24:00:00", "12:34:56.000001"),
          type("time(3)", "12:34:56.789"),
          type("time with time zone", "00:00:00+15:59", "24:00:00-15:59", "12:00:00.5+02"),
          type(
              "timestamp",
              "-infinity",
              "infinity",
              "4713-01-01 00:00:00 BC",
              "1969-12-31 23:59:59.999999",
              "2000-01-01 00:00:00",
              "9999-12-31 23:59:59.999999",
              "294246-12-31 23:59:59.999999",
              "294276-12-31 23:59:59.999999"),
          type(
              "timestamp with time zone",
              "-infinity",
              "infinity",
              "4713-01-01 00:00:00+00 BC",
              "1970-01-01 00:00:01+00",
              "2026-03-29 01:30:00+00",
              "2038-01-19 03:14:07.999999+00",
              "2038-01-19 03:14:08+00",
              "294276-12-31 23:59:59.999999+00"),
          type("timestamp(0) with time zone", "2026-10-25 01:30:00+00"),
          type("interval", "1 mon -2 days +00:00:01.5", "-178000000 years", "00:00:00"),
          type(
              "uuid",
              "00000000-0000-0000-0000-000000000000",
              "ffffffff-ffff-ffff-ffff-ffffffffffff",
              "123e4567-e89b-12d3-a456-426614174000",
              "2912629e-abdc-8436-5058-2279f9ae0cc5"), // MariaDB's UUID takes no such
          type("json", "{\"b\": 1,  \"a\":2, \"a\": 3}", "1e400", "null", "\"\\u0041\""),
          type("jsonb", "{\"b\": 1, \"a\": 2}", "12345678901234567890123.50", "[null, \"🎈\"]"),
          type("integer[]", "{}", "{NULL,1}", "[0:1][1:2]={{1,NULL},{3,4}}"),
          type("text[]", "{NULL,\"NULL\",\"\",\"a\\\"b\",\"c\\\\d\",\"{}\"}"),
          type("int4range", "empty", "[1,5)", "(,)"),
          type("int4multirange", "{}", "{[1,5),[7,9)}"),
          type("bit(3)", "101"),
          type("bit varying(5)", "", "11"),
          type("inet", "10.0.0.1", "::1/64"),
          type("cidr", "10.0.0.0/8"),
          type("macaddr8", "08:00:2b:01:02:03:04:05"),
          type("money", "$12.50", "-$92,233,720,368,547,758.08"),
          type("point", "(1.5,-2)"),
          type("xml", "<a b=\"c\"/>"),
          type("tsvector", "'a':1A 'fat':2B,4C"),
          type("tsquery", "'fat' & !'rat'"));

  /** Types of MySQL, and of MariaDB where it has them; values as SQL has them. */
  public static final List<EdgeValues.Type> MYSQL =
      List.of(
          type("tinyint(1)", "0", "1", "2", "-128", "127"),
          type("tinyint", "-128", "0", "127"),
          type("tinyint unsigned", "0", "255"),
          type("smallint", "-32768", "32767"),
          type("smallint unsigned", "0", "65535"),
          type("mediumint", "-8388608", "8388607"),
          type("mediumint unsigned", "0", "16777215"),
          type("int", "-2147483648", "2147483647"),
          type("int unsigned", "0", "2147483648", "4294967295"),
          type("bigint", "-9223372036854775808", "9223372036854775807"),
          type("bigint unsigned", "0", "9223372036854775808", "18446744073709551615"),
          type("decimal(10,2)", "0.00", "-99999999.99", "99999999.99", "1.50"),
          type("decimal(65,30)", "9".repeat(35) + "." + "9".repeat(30), "-0.1"),
          type("decimal(10,2) unsigned", "0.00", "99999999.99"),
          type("float", "0", "-0e0", "1.17549435e-38", "3.4028234e38", "0.1", "16777216"),
          type("double", "0", "-0e0", "2.2250738585072014e-308", "1.7976931348623157e308", "0.1"),
          type("bit(1)", "b'0'", "b'1'"),
          type("bit(12)", "b'0'", "b'111111111111'"),
          type("bit(64)", "b'" + "1".repeat(64) + "'"),
          type("char(5)", "''", "'a'", "'a b'", "'äöüßé'", "'🎈'"),
          type("char(36)", "'123e4567-e89b-12d3-a456-426614174000'", "'no uuid'", "'ABC'"),
          type("varchar(20)", "''", "' '", "'a '", "'a\\tb\\nc\\\\d''e\"'", "'\\0'"),
          type("varchar(20) character set latin1", "'äöü€'"),
          type("varchar(20) character set utf8mb3", "'€'"),
          type("tinytext", "''", "repeat('x', 255)"),
          type("text", "''", "'🎈'", "repeat('x', 65535)"),
          type("longtext", "repeat('x', 100000)"),
          type("enum('a','b','')", "'a'", "'b'", "''"),
          type("set('a','b','c')", "''", "'a'", "'a,b,c'"),
          type("binary(16)", "x''", "x'00ff'", "x'" + "ff".repeat(16) + "'"),
          type("varbinary(20)", "x''", "x'00'", "x'5c0000'"),
          type("blob", "x''", "x'00ff00'"),
          type("longblob", "repeat(x'ab', 100000)"),
          type("date", "'0000-00-00'", "'2024-00-15'", "'1000-01-01'", "'9999-12-31'"),
          type("time", "'00:00:00'", "'-838:59:59'", "'838:59:59'"),
          type("time(6)", "'-838:59:58.999999'", "'23:59:59.999999'", "'24:00:00'"),
          type("datetime", "'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'"),
          type("datetime(6)", "'1000-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'"),
          type("timestamp(6)", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'"),
          type("year", "0", "1901", "2155"),
          type("json", "'{\"b\": 1, \"a\": [null, 1.5]}'", "'18446744073709551615'", "'1e300'"),
          type("point", "st_geomfromtext('POINT(1 2)')"));

  /** Types that only MariaDB has. */
  public static final List<EdgeValues.Type> MARIADB =
      List.of(
          type(
              "uuid",
              "'00000000-0000-0000-0000-000000000000'",
              "'123e4567-e89b-12d3-a456-426614174000'",
              "'0188f6a8-9c2d-7abc-8def-0123456789ab'"),
          type("inet6", "'::1'", "'2001:db8::ff00:42:8329'"),
          type("inet4", "'10.0.0.1'"));

  private EdgeValues() {}

  /**
   * One type.
   *
   * @param name as a column is declared
   * @param values in the engine's spelling
   */
  public record Type(String name, List<String> values) {}

  private static Type type(String name, String... values) {
    return new Type(name, List.of(values));
  }
}
