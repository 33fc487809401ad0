package io.spokewire.agent.pipeline;

import io.spokewire.agent.settings.StateFile;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the agent made in the database to capture each table, remembered over restarts, so that what
 * is taken away of a table in use does not go unseen, nor what is made again in its place. Lines of
 * the state, one for each table: its name, a tab, and what stood for it. Safe from any thread.
 */
public final class TablesCaptured {
  private final StateFile state;

  public TablesCaptured(StateFile state) {
    this.state = state;
  }

  /** As one line. */
  public static String line(Object table, String made) {
    return table + "\t" + made;
  }

  public Optional<String> of(Object table) {
    return Optional.ofNullable(all().get(table.toString()));
  }

  public void remember(Object table, String made) {
    state.update(
        s -> {
          Map<String, String> all = all();
          all.put(table.toString(), made);
          return s.withPublished(
              all.entrySet().stream().map(e -> line(e.getKey(), e.getValue())).toList());
        });
  }

  private Map<String, String> all() {
    Map<String, String> all = new TreeMap<>();
    for (String line : state.get().published()) {
      int tab = line.lastIndexOf('\t');
      if (tab > 0) {
        all.put(line.substring(0, tab), line.substring(tab + 1));
      }
    }
    return all;
  }
}
