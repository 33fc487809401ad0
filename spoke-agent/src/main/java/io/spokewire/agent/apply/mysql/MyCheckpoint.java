package io.spokewire.agent.apply.mysql;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;

/**
 * The one row of {@code spokewire.checkpoint}, on one connection. It is there from the beginning:
 * its position is NULL until something is applied.
 *
 * <p>Its marker is what capture knows our transactions by: an image of the row whose marker is not
 * NULL and carries our seal. The last one of a transaction counts.
 */
final class MyCheckpoint {
  private final Connection connection;

  MyCheckpoint(Connection connection) {
    this.connection = connection;
  }

  /**
   * Writes a marker. It always makes a row event: the server logs no change that changes nothing,
   * so a marker that stands there already is taken away first.
   */
  void mark(Bytes sealed) throws SQLException {
    if (setMarker(sealed) == 0) {
      try (PreparedStatement update =
          connection.prepareStatement(
              "UPDATE spokewire.checkpoint SET marker = NULL WHERE id = 1")) {
        update.executeUpdate();
      }
      setMarker(sealed);
    }
  }

  private int setMarker(Bytes sealed) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE spokewire.checkpoint SET marker = ? WHERE id = 1 AND NOT (marker <=> ?)")) {
      byte[] bytes = sealed.toByteArray();
      update.setBytes(1, bytes);
      update.setBytes(2, bytes);
      return update.executeUpdate();
    }
  }

  Optional<Position> read() throws SQLException {
    try (PreparedStatement query =
            connection.prepareStatement(
                "SELECT incarnation, channel, position FROM spokewire.checkpoint"
                    + " WHERE id = 1 AND position IS NOT NULL");
        ResultSet row = query.executeQuery()) {
      return row.next()
          ? Optional.of(
              new Position(
                  new LogIncarnation(uuid(row.getBytes(1))),
                  new ChannelId(row.getString(2)),
                  row.getLong(3)))
          : Optional.empty();
    }
  }

  /** Moves the checkpoint on from where it was; false if it is elsewhere. */
  boolean move(Optional<Position> before, Position to) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE spokewire.checkpoint SET incarnation = ?, channel = ?, position = ?"
                + " WHERE id = 1 AND position <=> ?"
                + " AND (position IS NULL OR (incarnation = ? AND channel = ?))")) {
      byte[] incarnation = bytes(to.incarnation().id());
      update.setBytes(1, incarnation);
      update.setString(2, to.channel().name());
      update.setLong(3, to.number());
      update.setObject(4, before.map(Position::number).orElse(null));
      update.setBytes(5, incarnation);
      update.setString(6, to.channel().name());
      return update.executeUpdate() == 1;
    }
  }

  static byte[] bytes(UUID id) {
    return ByteBuffer.allocate(16)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits())
        .array();
  }

  static UUID uuid(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new UUID(buffer.getLong(), buffer.getLong());
  }
}
