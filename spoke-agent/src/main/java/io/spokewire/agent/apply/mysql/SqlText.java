package io.spokewire.agent.apply.mysql;

/** Writes identifiers so that any name is only a name. */
final class SqlText {
  private SqlText() {}

  /** A name as a quoted identifier, whatever {@code sql_mode} says of double quotes. */
  static String identifier(String name) {
    return '`' + name.replace("`", "``") + '`';
  }

  /** {@code `database`.`name`}. */
  static String qualified(String database, String name) {
    return identifier(database) + '.' + identifier(name);
  }
}
