package io.spokewire.agent.setup;

import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes what a joining spoke needs in its database, and takes it away again. One object for one
 * join; one implementation per engine.
 *
 * <p>Threading: one thread. Errors: {@link io.spokewire.common.fault.Fault}.
 */
public interface SiteSetup {
  /**
   * Where capture begins, and what was empty there.
   *
   * @param emptyTables as {@code schema.table}
   * @param published what the source gave there, in the engine's own lines; empty where it gives
   *     every table, and for a spoke that does not send
   */
  record Begun(SourcePosition start, List<String> emptyTables, List<String> published) {
    public Begun {
      emptyTables = List.copyOf(emptyTables);
      published = List.copyOf(published);
    }
  }

  /**
   * Whether the database is free for this spoke. Reads only.
   *
   * @param instance of an earlier join that was cut short
   * @param sends whether changes will be captured
   * @throws io.spokewire.common.fault.Fault REFUSED if another agent has it
   */
  void demandFree(SpokeId spoke, Optional<UUID> instance, boolean sends);

  /** The schema or database {@code spokewire}, claimed for this agent. Repeatable. */
  void prepareSchema(SpokeId spoke, UUID instance);

  /**
   * Begins capture: from here on the source keeps what is committed, and what is empty is looked at
   * exactly here.
   *
   * @param again an earlier join was cut short: what it left, which nobody has read from, is made
   *     anew
   */
  Begun beginCapture(boolean again);

  /** For a spoke that does not send: what is empty now. */
  Begun beginWithoutCapture();

  /**
   * Takes away everything that an agent ever made in the database, by whatever method it captured.
   * Repeatable.
   */
  void remove();

  /** Takes away what this object made, as far as that goes; what fails is added to {@code why}. */
  void undo(Throwable why);
}
