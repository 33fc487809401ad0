package io.spokewire.agent.schema.mysql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** Which of the two servers it is. They differ in GTIDs, JSON and a few types and words. */
public enum MyFlavour {
  MYSQL("mysql", "MySQL"),
  MARIADB("mariadb", "MariaDB");

  private final String label;
  private final String productName;

  MyFlavour(String label, String productName) {
    this.label = label;
    this.productName = productName;
  }

  /** As the agent announces it to the hub. */
  public String label() {
    return label;
  }

  /** For people. */
  public String productName() {
    return productName;
  }

  /** Asks the server. */
  public static MyFlavour of(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT version()")) {
      row.next();
      return row.getString(1).toLowerCase(Locale.ROOT).contains("mariadb") ? MARIADB : MYSQL;
    }
  }
}
