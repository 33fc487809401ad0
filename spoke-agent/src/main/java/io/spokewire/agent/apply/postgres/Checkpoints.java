package io.spokewire.agent.apply.postgres;

import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;

/** The row of one worker in {@code spokewire.checkpoint}, on one connection. */
final class Checkpoints {
  private static final int WORKER = 0;

  private final PreparedStatement read;
  private final PreparedStatement write;

  Checkpoints(Connection connection) throws SQLException {
    read =
        connection.prepareStatement(
            "SELECT log_incarnation, channel, position FROM spokewire.checkpoint WHERE worker = ?");
    write =
        connection.prepareStatement(
            "INSERT INTO spokewire.checkpoint (worker, log_incarnation, channel, position)"
                + " VALUES (?, ?, ?, ?) ON CONFLICT (worker) DO UPDATE SET position ="
                + " excluded.position WHERE checkpoint.log_incarnation = excluded.log_incarnation"
                + " AND checkpoint.channel = excluded.channel AND checkpoint.position = ?");
  }

  Optional<Position> read() throws SQLException {
    read.setInt(1, WORKER);
    try (ResultSet row = read.executeQuery()) {
      return row.next()
          ? Optional.of(
              new Position(
                  new LogIncarnation(row.getObject(1, UUID.class)),
                  new ChannelId(row.getString(2)),
                  row.getLong(3)))
          : Optional.empty();
    }
  }

  /**
   * Moves the checkpoint on.
   *
   * @param before as it was last read or committed; empty if there was none
   * @return false if it is another one: a commit of unknown outcome came through after all. It
   *     holds the row until it is over, so that this waits for it
   */
  boolean write(Optional<Position> before, Position position) throws SQLException {
    write.setInt(1, WORKER);
    write.setObject(2, position.incarnation().id());
    write.setString(3, position.channel().name());
    write.setLong(4, position.number());
    write.setLong(5, before.map(Position::number).orElse(-1L));
    return write.executeUpdate() == 1;
  }
}
