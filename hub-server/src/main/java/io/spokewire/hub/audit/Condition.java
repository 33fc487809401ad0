package io.spokewire.hub.audit;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What stands behind WHERE, and its arguments. Grows while it is made; not thread-safe. */
final class Condition {
  private final List<String> terms = new ArrayList<>();
  private final List<Object> arguments = new ArrayList<>();

  /** One more term, with as many question marks as there are arguments. */
  Condition and(String term, Object... values) {
    terms.add(term);
    arguments.addAll(List.of(values));
    return this;
  }

  Condition copy() {
    Condition copy = new Condition();
    copy.terms.addAll(terms);
    copy.arguments.addAll(arguments);
    return copy;
  }

  /** {@code " WHERE a = ? AND b < ?"}; empty if nothing restricts. */
  String where() {
    return terms.isEmpty() ? "" : " WHERE " + String.join(" AND ", terms);
  }

  /** Sets the arguments from this parameter on, and returns the next one's index. */
  int bind(PreparedStatement statement, int first) throws SQLException {
    int index = first;
    for (Object argument : arguments) {
      statement.setObject(index++, argument);
    }
    return index;
  }
}
