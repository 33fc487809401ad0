package io.spokewire.agent.settings;

import io.spokewire.common.config.YamlDocument;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** The agent's state on disk. A change is durable when the call returns. Safe from any thread. */
public final class StateFile {
  private final Path file;
  private AgentState state;

  private StateFile(Path file, AgentState state) {
    this.file = file;
    this.state = state;
  }

  /**
   * Reads what is there.
   *
   * @throws io.spokewire.common.fault.Fault USAGE if it is missing or damaged
   */
  public static StateFile open(Path file) {
    return new StateFile(file, AgentState.of(YamlDocument.read(file)));
  }

  /** Writes the first state. */
  public static StateFile create(Path file, AgentState first) {
    StateFile made = new StateFile(file, first);
    made.write(first);
    return made;
  }

  public synchronized AgentState get() {
    return state;
  }

  /** Changes the state; nothing is written if it stays equal. */
  public synchronized AgentState update(UnaryOperator<AgentState> change) {
    AgentState next = change.apply(state);
    if (!next.equals(state)) {
      write(next);
      state = next;
    }
    return next;
  }

  private void write(AgentState next) {
    DurableFile.write(file, next.toYaml().getBytes(StandardCharsets.UTF_8));
  }
}
