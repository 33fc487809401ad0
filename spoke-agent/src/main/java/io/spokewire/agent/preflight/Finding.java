package io.spokewire.agent.preflight;

import io.spokewire.agent.settings.WeakSetting;
import java.util.Locale;
import java.util.Set;

/**
 * One thing that was looked at.
 *
 * @param severity what it means for the agent
 * @param subject what was looked at: a setting, a table, a role
 * @param problem what is wrong with it, or for OK what is right; read after the subject, it is a
 *     sentence
 * @param action the exact SQL or the action that mends it; empty where nothing is to be done
 */
public record Finding(Severity severity, String subject, String problem, String action) {

  /** How bad it is, worst first. */
  public enum Severity {
    /** Does not work like this. */
    ERROR,
    /** Works, and may surprise. */
    WARNING,
    /** As it should be. */
    OK
  }

  public static Finding error(String subject, String problem, String action) {
    return new Finding(Severity.ERROR, subject, problem, action);
  }

  public static Finding warning(String subject, String problem, String action) {
    return new Finding(Severity.WARNING, subject, problem, action);
  }

  /**
   * Changes may be lost: does not work like this unless it is accepted by its name.
   *
   * @param accepted what is
   */
  public static Finding weak(
      WeakSetting setting, Set<WeakSetting> accepted, String problem, String action) {
    String name = setting.label();
    return accepted.contains(setting)
        ? warning(name, problem + "; agent.yaml accepts that", action)
        : error(
            name,
            problem,
            action
                + (action.contains(" -- ") ? "; or" : " -- or")
                + " put up with it: join with --accept "
                + name
                + ", or accept: ["
                + name
                + "] in agent.yaml");
  }

  /** Subject and problem. */
  public String sentence() {
    return subject + " " + problem;
  }

  /** Whether nothing but a right of the role is missing. */
  public boolean isAboutRights() {
    return action.startsWith("GRANT ") || action.startsWith("ALTER ROLE ");
  }

  /** Whether it is about one table. */
  public boolean isOfTable() {
    return subject.startsWith("table ");
  }

  /** The same, but no reason to stop. */
  public Finding atMostWarning() {
    return severity == Severity.ERROR ? warning(subject, problem, action) : this;
  }

  /** One line. */
  @Override
  public String toString() {
    return severity.name().toLowerCase(Locale.ROOT)
        + ": "
        + sentence()
        + (action.isEmpty() ? "" : " -- " + action);
  }

  public static Finding ok(String subject, String what) {
    return new Finding(Severity.OK, subject, what, "");
  }
}
