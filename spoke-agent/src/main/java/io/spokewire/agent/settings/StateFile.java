package io.spokewire.agent.settings;

import io.spokewire.common.config.YamlDocument;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The agent's state on disk. A change is durable when the call returns. Safe from any thread. */
public final class StateFile {
  private final Consumer<AgentState> keeper;
  private AgentState state;

  private StateFile(Consumer<AgentState> keeper, AgentState state) {
    this.keeper = keeper;
    this.state = state;
  }

  /**
   * State that is kept elsewhere than in a file.
   *
   * @param state as it is kept now
   * @param keeper returns when it is durable
   */
  public static StateFile keptBy(Consumer<AgentState> keeper, AgentState state) {
    return new StateFile(keeper, state);
  }

  /**
   * Reads what is there.
   *
   * @throws io.spokewire.common.fault.Fault USAGE if it is missing or damaged
   */
  public static StateFile open(Path file) {
    return new StateFile(next -> write(file, next), AgentState.of(YamlDocument.read(file)));
  }

  /** Writes the first state. */
  public static StateFile create(Path file, AgentState first) {
    write(file, first);
    return new StateFile(next -> write(file, next), first);
  }

  public synchronized AgentState get() {
    return state;
  }

  /** Changes the state; nothing is written if it stays equal. */
  public synchronized AgentState update(UnaryOperator<AgentState> change) {
    AgentState next = change.apply(state);
    if (!next.equals(state)) {
      keeper.accept(next);
      state = next;
    }
    return next;
  }

  private static void write(Path file, AgentState next) {
    DurableFile.write(file, next.toYaml().getBytes(StandardCharsets.UTF_8));
  }
}
