package io.spokewire.agent.capture.postgres;

import io.spokewire.agent.capture.postgres.PgOutputMessage.Attribute;
import io.spokewire.agent.capture.postgres.PgOutputMessage.Relation;
import io.spokewire.agent.schema.Session;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which columns the rows in the change log have, as the triggers noted them. One thread. */
final class LoggedShapes {
  private final Session session;
  private final Map<Key, Shape> known = new HashMap<>();

  LoggedShapes(Session session) {
    this.session = session;
  }

  Shape get(long relation, long shape) {
    return known.computeIfAbsent(
        new Key(relation, shape),
        key ->
            session.call(
                "read what a logged row looks like",
                connection -> {
                  try (PreparedStatement query =
                      connection.prepareStatement(
                          "SELECT names, root::bigint, schema_name, table_name, root_names,"
                              + " root_types, root_modifiers FROM spokewire.change_shape"
                              + " WHERE relation = ? AND shape = ? LIMIT 1")) {
                    query.setLong(1, relation);
                    query.setLong(2, shape);
                    try (ResultSet row = query.executeQuery()) {
                      if (!row.next()) {
                        throw new PgChangeLog(connection)
                            .lost(
                                "spokewire.change_shape",
                                "the log has rows of a table's shape that is not known");
                      }
                      return shape(relation, row);
                    }
                  }
                }));
  }

  private static Shape shape(long relation, ResultSet row) throws SQLException {
    List<String> names = texts(row, 1);
    List<String> rootNames = texts(row, 5);
    Object[] types = (Object[]) row.getArray(6).getArray();
    Object[] modifiers = (Object[]) row.getArray(7).getArray();
    List<Attribute> columns = new ArrayList<>();
    int[] order = new int[rootNames.size()];
    for (int i = 0; i < order.length; i++) {
      columns.add(
          new Attribute(
              true,
              rootNames.get(i),
              ((Number) types[i]).intValue(),
              ((Number) modifiers[i]).intValue()));
      order[i] = names.indexOf(rootNames.get(i));
    }
    Relation message =
        new Relation(0, (int) row.getLong(2), row.getString(3), row.getString(4), 'f', columns);
    return new Shape(message, (int) relation, names.size(), order);
  }

  private static List<String> texts(ResultSet row, int column) throws SQLException {
    return Arrays.stream((Object[]) row.getArray(column).getArray()).map(Object::toString).toList();
  }

  private record Key(long relation, long shape) {}

  /**
   * How a logged row is to be read.
   *
   * @param root the table it belongs to, of which it may be a partition
   * @param relation the partition or table itself
   * @param columns how many a row has
   * @param order for each column of the root where it lies in a row
   */
  record Shape(Relation root, int relation, int columns, int[] order) {}
}
