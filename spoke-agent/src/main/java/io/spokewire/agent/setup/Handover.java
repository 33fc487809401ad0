package io.spokewire.agent.setup;

import io.spokewire.agent.capture.Era;
import io.spokewire.common.config.Plan.TablePattern;
import java.util.List;

/**
 * Hands the capture of a site over from one method to another. Nothing is lost and nothing comes
 * twice: every transaction lies wholly before or wholly after one moment, which is kept in the
 * database by the commit that ends the one method and begins the other. May be broken off anywhere
 * and begun again.
 *
 * <p>Threading: one thread, and no agent at work but for {@link #eras} and {@link #forget}. Errors:
 * {@link io.spokewire.common.fault.Fault}.
 */
public interface Handover {
  /** The eras whose changes may still be needed, in their order; at least one. */
  List<Era> eras();

  /**
   * From the log to triggers.
   *
   * @param before the last era, which is of the log
   * @return what is made for each table, as {@link SiteSetup.Begun#published()} has it
   */
  List<String> toTriggers(Era before, List<TablePattern> plan) throws InterruptedException;

  /**
   * From triggers to the log.
   *
   * @param before the last era, which is of triggers
   * @return as {@link #toTriggers}
   */
  List<String> toLog(Era before, List<TablePattern> plan) throws InterruptedException;

  /** What the log gives of each table now, as {@link SiteSetup.Begun#published()} has it. */
  List<String> published();

  /** Takes away what captured an era whose changes nobody needs any more. Repeatable. */
  void forget(Era passed);

  /**
   * Takes away what captures none of these eras: a handover left it that was broken off, or given
   * up. Repeatable.
   */
  void tidy(List<Era> eras);
}
