package io.spokewire.agent.apply.postgres;

/** Writes identifiers so that any name is only a name. */
final class SqlText {
  private SqlText() {}

  /** A name as a quoted identifier. */
  static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** {@code "schema"."name"}. */
  static String qualified(String schema, String name) {
    return identifier(schema) + '.' + identifier(name);
  }
}
