package io.spokewire.agent.pipeline;

import io.spokewire.agent.stream.HubSession;
import io.spokewire.agent.stream.Vitals;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.lifecycle.WorkLoop;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says every second how the agent is: its vitals, and what is wrong at a stage when that changes.
 * On a thread of its own, so that a slow database never makes the agent look dead.
 */
public final class HeartbeatLoop implements WorkLoop {
  private final Desk desk;
  private final Supplier<Vitals> vitals;
  private final Map<String, Supplier<@Nullable Fault>> stages;
  private final Map<String, String> told = new LinkedHashMap<>();
  private @Nullable HubSession toldOver;

  /**
   * @param stages for each stage, what it is struggling with now; null while it is well
   */
  public HeartbeatLoop(
      Desk desk, Supplier<Vitals> vitals, Map<String, Supplier<@Nullable Fault>> stages) {
    this.desk = desk;
    this.vitals = vitals;
    this.stages = new LinkedHashMap<>(stages);
  }

  @Override
  public String name() {
    return "heartbeat";
  }

  /** One beat; the driver's idle pause is the interval. */
  @Override
  public int doWork() {
    HubSession session = desk.footing().session();
    if (session == null) {
      return 0;
    }
    if (session != toldOver) {
      told.clear();
      toldOver = session;
    }
    session.heartbeat(vitals.get());
    stages.forEach(
        (stage, fault) -> {
          Fault now = fault.get();
          String line = now == null ? "" : String.valueOf(now.getMessage());
          if (!line.equals(told.getOrDefault(stage, ""))) {
            told.put(stage, line);
            if (now == null) {
              session.allWell(stage);
            } else {
              session.condition(stage, now, false);
            }
          }
        });
    return 0;
  }
}
