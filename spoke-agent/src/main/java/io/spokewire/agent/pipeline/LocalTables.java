package io.spokewire.agent.pipeline;

import io.spokewire.agent.stream.PlanScope;
import io.spokewire.agent.stream.TableReport;

/**
 * The tables of this database, asked by the control loop. One implementation per engine, made by
 * the wiring out of catalogue, publication and preflight.
 *
 * <p>Threading: one thread. Errors: a fault that heals while the database is away.
 */
public interface LocalTables {
  /** What a plan would mean here; changes nothing. */
  TableReport check(PlanScope plan);

  /** Takes a plan into use: its tables are captured and applied from now on. */
  TableReport take(PlanScope plan);
}
