package io.spokewire.hub.topology;

import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** {@link LogTimes} in the topology's file, with a copy in memory for questions. */
public final class SqliteLogTimes implements LogTimes {
  private final TopologyDatabase database;
  private final TreeMap<Long, Long> micros;

  /**
   * @param database stays the caller's to close
   */
  public SqliteLogTimes(TopologyDatabase database) {
    this.database = database;
    this.micros =
        database.transaction(
            "read log times",
            c -> {
              TreeMap<Long, Long> all = new TreeMap<>();
              try (Statement statement = c.createStatement();
                  ResultSet row = statement.executeQuery("SELECT position, micros FROM log_time")) {
                while (row.next()) {
                  all.put(row.getLong(1), row.getLong(2));
                }
              }
              return all;
            });
  }

  @Override
  public void note(long position, long now) {
    if (micros.containsKey(position)) {
      return;
    }
    database.transaction(
        "note log time",
        c ->
            SqliteTopology.execute(
                c, "INSERT INTO log_time (position, micros) VALUES (?, ?)", position, now));
    micros.put(position, now);
  }

  @Override
  public OptionalLong loggedBy(long position) {
    Map.Entry<Long, Long> next = micros.ceilingEntry(position);
    return next == null ? OptionalLong.empty() : OptionalLong.of(next.getValue());
  }

  @Override
  public void forgetThrough(long position) {
    if (micros.isEmpty() || micros.firstKey() > position) {
      return;
    }
    database.transaction(
        "forget log times",
        c -> SqliteTopology.execute(c, "DELETE FROM log_time WHERE position <= ?", position));
    micros.headMap(position, true).clear();
  }
}
