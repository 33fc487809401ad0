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
  private static final String WELL = "";

  private final Desk desk;
  private final Supplier<Vitals> vitals;
  private final Map<String, Supplier<@Nullable Fault>> stages;
  private final Supplier<@Nullable Fault> alarm;
  private @Nullable String told; // null: nothing yet in this session
  private @Nullable HubSession toldOver;

  /**
   * @param stages for each stage, what it is struggling with now; null while it is well
   * @param alarm what is to be said even when the agent has stopped
   */
  public HeartbeatLoop(
      Desk desk,
      Supplier<Vitals> vitals,
      Map<String, Supplier<@Nullable Fault>> stages,
      Supplier<@Nullable Fault> alarm) {
    this.desk = desk;
    this.vitals = vitals;
    this.stages = new LinkedHashMap<>(stages);
    this.alarm = alarm;
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
      told = null;
      toldOver = session;
    }
    session.heartbeat(vitals.get());
    Desk.Halt halt = desk.halted();
    if (halt == null) {
      tell(session);
    } else {
      tell(session, halt);
    }
    return 0;
  }

  /** A halt was said, and nothing takes it back; an alarm beside it is said with it. */
  private void tell(HubSession session, Desk.Halt halt) {
    Fault more = alarm.get();
    String line = more == null ? halt.fault().reason() : more.reason();
    if (more != null && !line.equals(told)) {
      Fault both =
          Fault.of(
                  halt.fault().kind(),
                  halt.fault().operation(),
                  halt.fault().reason() + "; and " + more.reason())
              .hint(halt.fault().hint())
              .build();
      session.condition(halt.stage(), both, halt.needsResync());
    }
    told = line;
  }

  /** The hub shows one thing: what is first in the way, or, also after an earlier life, nothing. */
  private void tell(HubSession session) {
    for (Map.Entry<String, Supplier<@Nullable Fault>> stage : stages.entrySet()) {
      Fault now = stage.getValue().get();
      if (now != null) {
        String line = stage.getKey() + ": " + now.getMessage();
        if (!line.equals(told)) {
          told = line;
          session.condition(stage.getKey(), now, false);
        }
        return;
      }
    }
    if (!WELL.equals(told)) {
      told = WELL;
      session.allWell("agent");
    }
  }
}
