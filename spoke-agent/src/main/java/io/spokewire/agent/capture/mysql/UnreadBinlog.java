package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.Retention;
import io.spokewire.agent.capture.Retention.Purge;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * How much of a server's binlog is not read yet, and for how long it will be there. A server purges
 * whole files, by the time they were last written to, and never the one it writes to. One thread.
 */
public final class UnreadBinlog {
  private static final String CLOCK =
      "SELECT @@global.binlog_expire_logs_seconds, unix_timestamp()";

  private final ReadPlace place;
  private long caughtUpAt; // the server's seconds since 1970

  public UnreadBinlog(ReadPlace place) {
    this.place = place;
  }

  /** Nothing is known, and nothing counts as unread, before something was read. */
  public Retention look(Connection connection) throws SQLException {
    ReadPlace.Spot spot = place.spot();
    if (spot == null) {
      return Retention.unkept(0, Purge.NEVER);
    }
    long bytes = 0;
    boolean reached = false;
    boolean written = false; // whether the server still writes to the file that is read
    try (Statement statement = connection.createStatement();
        ResultSet file = statement.executeQuery("SHOW BINARY LOGS")) {
      while (file.next()) {
        long size = file.getLong(2);
        if (reached) {
          bytes += size;
          written = false;
        } else if (spot.file().startsWith(file.getString(1))) {
          reached = true;
          written = true;
          bytes = Math.max(0, size - spot.offset());
        }
      }
    }
    return Retention.unkept(bytes, purge(connection, spot, written));
  }

  private Purge purge(Connection connection, ReadPlace.Spot spot, boolean written)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(CLOCK)) {
      row.next();
      long keeps = row.getLong(1);
      long now = row.getLong(2);
      if (written) {
        caughtUpAt = now;
      }
      if (keeps == 0) {
        return Purge.NEVER;
      }
      // The file that is read was written to after what was read of it.
      long writtenAt = Math.max(caughtUpAt, spot.seconds());
      long left = Math.clamp(keeps - (now - writtenAt), 0, keeps);
      return new Purge(Duration.ofSeconds(left), Duration.ofSeconds(keeps));
    }
  }
}
