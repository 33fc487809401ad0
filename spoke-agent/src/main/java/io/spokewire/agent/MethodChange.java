package io.spokewire.agent;

import io.spokewire.agent.capture.Era;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.AgentSettings.Method;
import io.spokewire.agent.settings.AgentState;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.setup.Handover;
import io.spokewire.common.config.Plan.TablePattern;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.Epoch;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Between two runs of an agent: hands capture over if the settings name another method than the one
 * that captures. May be broken off anywhere and begun again.
 */
final class MethodChange {
  private static final Logger LOG = LoggerFactory.getLogger(MethodChange.class);

  private final AgentSettings settings;
  private final StateFile state;
  private final boolean copies;

  /**
   * @param copies whether the agent has a copy of the tables, as one that polls
   */
  MethodChange(AgentSettings settings, StateFile state, boolean copies) {
    this.settings = settings;
    this.state = state;
    this.copies = copies;
  }

  void settle() throws InterruptedException {
    if (!settings.direction().sends()) {
      return;
    }
    Method wanted = settings.capture().method();
    if (polled() != (wanted == Method.POLLING)) {
      throw Fault.of(
              FaultKind.USAGE,
              "change the method of capture",
              "there is no way "
                  + (polled() ? "from" : "to")
                  + " polling: no place is both in what"
                  + " was polled and in a log")
          .hint(
              "set cdc_config.method back; or syncadm topology remove-spoke, add-spoke, and join"
                  + " anew")
          .build();
    }
    if (wanted == Method.POLLING) {
      return;
    }
    Engine engine = Engine.of(settings.database(), settings.capture());
    Handover handover = engine.handover();
    List<Era> eras = handover.eras();
    Era last = eras.getLast();
    if (last.byTriggers() == (wanted == Method.TRIGGER)) {
      handover.tidy(eras);
      mendState(handover);
      return;
    }
    if (eras.size() > 1) {
      throw Fault.of(
              FaultKind.USAGE,
              "change the method of capture",
              "the change before this one is not finished: the hub has not all of what was captured"
                  + " before it")
          .hint("set cdc_config.method back, and let the agent run until it has")
          .build();
    }
    Preflights.demand(engine, settings.database(), settings.spoke(), settings.direction());
    LOG.info("handing capture over to {}; this waits for transactions under way", wanted.label());
    List<TablePattern> plan = state.get().patterns().stream().map(TablePattern::new).toList();
    List<String> made =
        last.byTriggers() ? handover.toLog(last, plan) : handover.toTriggers(last, plan);
    state.update(s -> s.withPublished(made));
    LOG.info(
        "from here on changes are captured by {}; what was committed before comes by the method"
            + " before",
        wanted.label());
  }

  /** Every other method has a place where capture was set up, but for a moment in a new life. */
  private boolean polled() {
    AgentState now = state.get();
    boolean firstLife = now.membership().map(m -> m.epoch().equals(Epoch.FIRST)).orElse(true);
    return copies || (now.captureStart().isNone() && firstLife);
  }

  /** What a handover that was broken off after its commit did not note. */
  private void mendState(Handover handover) {
    boolean ofTriggers = state.get().published().stream().anyMatch(l -> l.contains("\t"));
    if (ofTriggers && settings.capture().method() != Method.TRIGGER) {
      List<String> published = handover.published();
      state.update(s -> s.withPublished(published));
    } else if (!ofTriggers && settings.capture().method() == Method.TRIGGER) {
      state.update(s -> s.withPublished(List.of())); // each table's triggers are noted at once
    }
  }
}
