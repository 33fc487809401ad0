package io.spokewire.agent.capture.mysql;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The character sets of one server. What single bytes mean is asked of the server, whose {@code
 * latin1}, for one, is nobody else's. Not thread-safe.
 */
final class CharacterSets {
  private final Map<String, CharacterSet> known = new HashMap<>();
  private final Map<Integer, String> byCollation = new HashMap<>();

  /** By its name. */
  CharacterSet named(Connection connection, String name) throws SQLException {
    CharacterSet set = known.get(name);
    if (set == null) {
      set = make(connection, name.toLowerCase(Locale.ROOT));
      known.put(name, set);
    }
    return set;
  }

  /** The name of a collation's character set; {@code binary} for what is no text. */
  String nameOf(Connection connection, int collation) throws SQLException {
    if (byCollation.isEmpty()) {
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATIONS"
                      + " WHERE ID IS NOT NULL AND CHARACTER_SET_NAME IS NOT NULL")) {
        while (row.next()) {
          byCollation.put(row.getInt(1), row.getString(2));
        }
      }
      addContextual(connection);
    }
    return byCollation.getOrDefault(collation, "");
  }

  /** MariaDB's newer collations belong to several sets, and stand in a table of their own. */
  private void addContextual(Connection connection) {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT ID, CHARACTER_SET_NAME FROM"
                    + " information_schema.COLLATION_CHARACTER_SET_APPLICABILITY")) {
      while (row.next()) {
        byCollation.putIfAbsent(row.getInt(1), row.getString(2));
      }
    } catch (SQLException e) {
      // A server without them.
    }
  }

  private static CharacterSet make(Connection connection, String name) throws SQLException {
    switch (name) {
      case "utf8mb4", "utf8mb3", "utf8", "ascii", "binary" -> {
        return CharacterSet.utf8(name);
      }
      default -> {}
    }
    int widest = 0;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT MAXLEN FROM information_schema.CHARACTER_SETS WHERE CHARACTER_SET_NAME = ?")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          widest = row.getInt(1);
        }
      }
    }
    if (widest != 1 || !name.matches("[a-z0-9_]+")) {
      return CharacterSet.ofJava(name);
    }
    byte[][] table = new byte[256][];
    StringBuilder sql = new StringBuilder("SELECT ");
    for (int i = 0; i < 256; i++) {
      sql.append(i == 0 ? "" : ", ")
          .append(String.format("HEX(CONVERT(_%s X'%02X' USING utf8mb4))", name, i));
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql.toString())) {
      row.next();
      for (int i = 0; i < 256; i++) {
        byte[] utf8 = java.util.HexFormat.of().parseHex(row.getString(i + 1));
        boolean unknown = i != '?' && utf8.length == 1 && utf8[0] == '?';
        table[i] = unknown ? null : utf8;
      }
    }
    return CharacterSet.ofSingleBytes(name, table);
  }

  /** For texts of the catalogue. */
  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
