package io.spokewire.agent.preflight.mysql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a user may do, as {@code SHOW GRANTS} says it, active roles included.
 *
 * @param user as {@code 'name'@'host'}
 */
record Grants(String user, List<Grant> all) {
  private static final Pattern GRANT =
      Pattern.compile(
          "GRANT (.+) ON (?:TABLE )?(\\*|`(?:[^`]|``)*`)\\.(\\*|`(?:[^`]|``)*`) TO .*",
          Pattern.DOTALL);

  Grants {
    all = List.copyOf(all);
  }

  /**
   * @param database {@code *}, or a pattern as LIKE has it
   * @param table {@code *} or a name
   */
  record Grant(Set<String> rights, String database, String table) {
    boolean covers(String right, String inDatabase, String inTable) {
      boolean has = rights.contains(right) || rights.contains("ALL PRIVILEGES");
      return has
          && (database.equals("*") || isLike(inDatabase, database))
          && (table.equals("*") || table.equals(inTable));
    }
  }

  static Grants of(Connection connection) throws SQLException {
    String user;
    List<Grant> grants = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery("SELECT current_user()")) {
        row.next();
        String name = row.getString(1);
        int at = name.lastIndexOf('@');
        user = "'" + name.substring(0, at) + "'@'" + name.substring(at + 1) + "'";
      }
      try (ResultSet row = statement.executeQuery("SHOW GRANTS")) {
        while (row.next()) {
          parse(row.getString(1), grants);
        }
      }
    }
    return new Grants(user, grants);
  }

  /** Whether it may do so in all of the server. */
  boolean everywhere(String right) {
    return all.stream().anyMatch(g -> g.covers(right, "*", "*") && g.database().equals("*"));
  }

  boolean on(String right, String database, String table) {
    return all.stream().anyMatch(g -> g.covers(right, database, table));
  }

  private static void parse(String line, List<Grant> into) {
    Matcher matcher = GRANT.matcher(line);
    if (matcher.matches()) {
      Set<String> rights = new HashSet<>();
      for (String right : matcher.group(1).split(",")) {
        rights.add(right.strip().toUpperCase(Locale.ROOT));
      }
      into.add(new Grant(rights, unquoted(matcher.group(2)), unquoted(matcher.group(3))));
    }
  }

  private static String unquoted(String name) {
    return name.startsWith("`") ? name.substring(1, name.length() - 1).replace("``", "`") : name;
  }

  private static boolean isLike(String text, String pattern) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\' && i + 1 < pattern.length()) {
        regex.append(Pattern.quote(String.valueOf(pattern.charAt(++i))));
      } else if (c == '%') {
        regex.append(".*");
      } else if (c == '_') {
        regex.append('.');
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return text.matches(regex.toString());
  }
}
