package io.spokewire.deploy.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.spokewire.deploy.cluster.DatabaseSite;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * What a table holds, in words that all engines share: instants in UTC, JSON with its keys in
 * order.
 */
final class Contents {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private Contents() {}

  /** How many rows the table holds, and a hash over all of them: equal for equal content. */
  static String digest(DatabaseSite site, String table) {
    List<String> rows = new ArrayList<>();
    try (Connection connection = site.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
      while (row.next()) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          text.append(value(row, i)).append('\t');
        }
        rows.add(text.toString());
      }
    } catch (SQLException e) {
      throw new IllegalStateException(site.name() + ": " + e.getMessage(), e);
    }
    rows.sort(null);
    return rows.size() + " rows, " + md5(String.join("\n", rows));
  }

  private static String value(ResultSet row, int column) throws SQLException {
    String name = row.getMetaData().getColumnLabel(column);
    if (name.endsWith("_at")) {
      return String.valueOf(row.getObject(column, OffsetDateTime.class).toInstant());
    }
    String text = row.getString(column);
    if (text == null || !name.equals("attributes")) {
      return String.valueOf(text);
    }
    try {
      return JSON.writeValueAsString(JSON.readValue(text, Map.class));
    } catch (JsonProcessingException e) {
      throw new SQLException("no JSON: " + text, e);
    }
  }

  private static String md5(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has it", e);
    }
  }
}
