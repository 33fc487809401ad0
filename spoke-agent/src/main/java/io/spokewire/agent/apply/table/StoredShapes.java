package io.spokewire.agent.apply.table;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.id.SchemaId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;

/**
 * {@code spokewire.shape}: the shapes of changes that are kept in the database, on one connection.
 * What is stored goes into the book.
 */
final class StoredShapes {
  private final Connection connection;
  private final String insert;
  private final SchemaBook schemas;
  private final Set<SchemaId> stored = new HashSet<>();

  StoredShapes(TargetSession target, SchemaBook schemas) throws SQLException {
    this.connection = target.connection();
    this.insert = target.unlessThere("INSERT INTO spokewire.shape (id, shape) VALUES (?, ?)");
    this.schemas = schemas;
    reload();
  }

  void reload() throws SQLException {
    stored.clear();
    try (Statement statement = connection.createStatement();
        ResultSet shape = statement.executeQuery("SELECT shape FROM spokewire.shape")) {
      while (shape.next()) {
        TableSchema schema = ShapeBytes.decode(Bytes.wrap(shape.getBytes(1)));
        schemas.add(schema);
        stored.add(schema.id());
      }
    }
  }

  void store(TableSchema shape) throws SQLException {
    if (stored.contains(shape.id())) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setLong(1, shape.id().value());
      statement.setBytes(2, ShapeBytes.encode(shape).toByteArray());
      statement.executeUpdate();
    }
    stored.add(shape.id());
  }
}
