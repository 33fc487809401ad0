package io.spokewire.hub.stream;

import java.util.List;

/**
 * The part of the plan that concerns an agent.
 *
 * @param version 0: no plan yet
 * @param tables names and patterns as the plan has them
 * @param position where it took its place in the log
 */
public record PlanScope(int version, List<String> tables, long position) {
  public PlanScope {
    tables = List.copyOf(tables);
  }
}
