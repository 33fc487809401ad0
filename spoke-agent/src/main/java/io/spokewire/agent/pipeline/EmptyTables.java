package io.spokewire.agent.pipeline;

import io.spokewire.agent.schema.LocalName;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which tables had no row where their capture began, as the state keeps them. */
public final class EmptyTables {
  private EmptyTables() {}

  /**
   * With a table whose capture begins now. One that once was empty and now is not had rows while
   * nobody captured it.
   */
  public static List<String> with(List<String> names, LocalName table, boolean empty) {
    Set<String> next = new TreeSet<>(names);
    if (empty) {
      next.add(table.toString());
    } else {
      next.remove(table.toString());
    }
    return List.copyOf(next);
  }
}
