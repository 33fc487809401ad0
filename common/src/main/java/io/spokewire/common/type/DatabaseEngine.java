package io.spokewire.common.type;

import java.util.Optional;

/** The engines whose types are understood. */
public enum DatabaseEngine {
  POSTGRESQL("postgresql", "PostgreSQL"),
  MYSQL("mysql", "MySQL"),
  MARIADB("mariadb", "MariaDB");

  private final String label;
  private final String productName;

  DatabaseEngine(String label, String productName) {
    this.label = label;
    this.productName = productName;
  }

  /** As agents announce it. */
  public String label() {
    return label;
  }

  /** As people write it. */
  public String productName() {
    return productName;
  }

  /** The engine with this label; empty for one that is not known here. */
  public static Optional<DatabaseEngine> ofLabel(String label) {
    for (DatabaseEngine engine : values()) {
      if (engine.label.equals(label)) {
        return Optional.of(engine);
      }
    }
    return Optional.empty();
  }

  /** Whether types of one are types of the other, but for a few names. */
  boolean isRelatedTo(DatabaseEngine other) {
    return (this == POSTGRESQL) == (other == POSTGRESQL);
  }
}
