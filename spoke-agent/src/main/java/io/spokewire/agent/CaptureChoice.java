package io.spokewire.agent;

import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.agent.settings.AgentSettings.Method;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses how a database's changes are captured: by the first of the methods asked for that nothing
 * stands against. What stands against a better one is said.
 */
final class CaptureChoice {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureChoice.class);

  private final DatabaseSettings database;
  private final SpokeId spoke;
  private final List<Method> methods;

  /**
   * @param methods the best first; at least one
   */
  CaptureChoice(DatabaseSettings database, SpokeId spoke, List<Method> methods) {
    this.database = database;
    this.spoke = spoke;
    this.methods = List.copyOf(methods);
  }

  /**
   * What was chosen.
   *
   * @param findings worth knowing, though they block nothing
   */
  record Chosen(CaptureSettings capture, List<Finding> findings) {}

  /** An engine to ask what does not depend on the method. */
  Engine first() {
    return Engine.of(database, CaptureSettings.of(spoke, methods.getFirst()));
  }

  /**
   * Asks the database.
   *
   * @throws Fault listing what is missing for the best method, if none goes
   */
  Chosen choose(Direction direction) {
    Fault best = null;
    for (Method method : methods) {
      CaptureSettings capture = CaptureSettings.of(spoke, method);
      Engine engine = Engine.of(database, capture);
      try {
        List<Finding> findings = Preflights.demand(engine, database, spoke, direction);
        if (direction.sends()) {
          say(method, best);
        }
        return new Chosen(capture, findings);
      } catch (Fault fault) {
        if (!direction.sends() || fault.healsByItself() || isMatterOfTaste(engine, direction)) {
          throw fault;
        }
        best = best == null ? fault : best;
      }
    }
    throw best == null ? new IllegalStateException("no method to choose from") : best;
  }

  /** Whether nothing is missing but somebody's word: that is asked for, not evaded. */
  private boolean isMatterOfTaste(Engine engine, Direction direction) {
    try {
      Preflight preflight = engine.preflight(spoke, direction, List.of());
      List<Finding> weak = preflight.weaknesses();
      return preflight.check().stream()
          .filter(finding -> finding.severity() == Finding.Severity.ERROR)
          .allMatch(weak::contains);
    } catch (Fault fault) {
      return false; // what can't be asked is a right that is missing
    }
  }

  private void say(Method method, @Nullable Fault better) {
    if (better == null) {
      LOG.info("changes are captured by {}", method.label());
    } else {
      LOG.warn(
          "changes are captured by {}, because {} does not go: {}{}",
          method.label(),
          methods.getFirst().label(),
          better.reason(),
          better.hint().isEmpty() ? "" : " (" + better.hint() + ")");
    }
  }
}
