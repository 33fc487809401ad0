package io.spokewire.agent.settings;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The kinds of database that a spoke can have. */
public enum DatabaseType {
  POSTGRESQL(5432),
  MYSQL(3306),
  MARIADB(3306);

  private final int port;

  DatabaseType(int port) {
    this.port = port;
  }

  /** Where its servers listen if nothing else is said. */
  public int port() {
    return port;
  }

  /** As settings and JDBC URLs have it: {@code postgresql}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * By its label.
   *
   * @throws IllegalArgumentException listing what is allowed
   */
  public static DatabaseType ofLabel(String label) {
    return find(label)
        .orElseThrow(() -> new IllegalArgumentException("'" + label + "': use " + labels(", ")));
  }

  /** The kind that a URL such as {@code jdbc:mysql://…} names. */
  static Optional<DatabaseType> ofJdbcUrl(String url) {
    return Arrays.stream(values())
        .filter(type -> url.startsWith("jdbc:" + type.label() + ":"))
        .findFirst();
  }

  static Optional<DatabaseType> find(String label) {
    return Arrays.stream(values()).filter(type -> type.label().equals(label)).findFirst();
  }

  static String labels(String between) {
    return Arrays.stream(values()).map(DatabaseType::label).collect(Collectors.joining(between));
  }
}
