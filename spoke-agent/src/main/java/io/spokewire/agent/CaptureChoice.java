package io.spokewire.agent;

import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.preflight.Preflight;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.agent.settings.AgentSettings.Method;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
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
   * What was chosen. It is said once the site is made: before, it may still turn out that this is
   * not the database to capture.
   *
   * @param findings worth knowing, though they block nothing
   * @param rejected the better methods, the best first
   */
  record Chosen(CaptureSettings capture, List<Finding> findings, List<Rejected> rejected) {
    void say(Direction direction) {
      if (direction.sends() && rejected.isEmpty()) {
        LOG.info("changes are captured by {}", capture.method().label());
      } else if (direction.sends()) {
        LOG.warn(
            "changes are captured by {}, because {}",
            capture.method().label(),
            rejected.getFirst().sentence());
      }
      findings.forEach(finding -> LOG.warn("{}", finding)); // an error would have come first
    }
  }

  /** A method that does not go, and what stands against it. */
  record Rejected(Method method, Fault obstacle) {
    String sentence() {
      String hint = obstacle.hint().isEmpty() ? "" : " (" + obstacle.hint() + ")";
      return method.label() + " does not go: " + obstacle.reason() + hint;
    }
  }

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
    List<Rejected> rejected = new ArrayList<>();
    for (Method method : methods) {
      CaptureSettings capture = CaptureSettings.of(spoke, method);
      Engine engine = Engine.of(database, capture);
      try {
        List<Finding> findings = Preflights.demand(engine, database, spoke, direction);
        return new Chosen(capture, findings, rejected);
      } catch (Fault fault) {
        if (!direction.sends() || fault.healsByItself() || isMatterOfTaste(engine, direction)) {
          throw fault;
        }
        rejected.add(new Rejected(method, fault));
      }
    }
    throw none(rejected);
  }

  /** What the best method lacks; and, briefly, why the others are no way out. */
  private static Fault none(List<Rejected> rejected) {
    Fault best = rejected.getFirst().obstacle();
    if (rejected.size() == 1) {
      return best;
    }
    String others =
        rejected.stream().skip(1).map(Rejected::sentence).collect(Collectors.joining("; "));
    return Fault.of(best.kind(), best.operation(), best.reason())
        .at(best.place())
        .hint(
            (best.hint().isEmpty() ? "" : best.hint() + "; ") + "nor is there a way out: " + others)
        .causedBy(best);
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
}
