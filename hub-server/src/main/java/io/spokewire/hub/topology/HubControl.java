package io.spokewire.hub.topology;

import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.LogEntry.Verdict;
import io.spokewire.hub.topology.Topology.PlanRecord;
import java.time.Duration;
import java.util.List;

/**
 * What an operator can ask of the running hub. Each call returns when it is in force and durable.
 * Safe from any thread; a fault says why not.
 */
public interface HubControl {
  /** From the return on, no data goes to or comes from the spoke; control and status do. */
  void pause(SpokeId spoke);

  void resume(SpokeId spoke);

  /** Cuts the spoke's session and refuses it from now on. */
  void remove(SpokeId spoke);

  /**
   * Lets a spoke whose database went back in time take part again: under a new epoch, from what its
   * database holds on.
   *
   * @throws io.spokewire.common.fault.Fault if it need not or can't
   */
  void rejoin(SpokeId spoke);

  /**
   * Checks a plan against every connected spoke's real tables.
   *
   * @return warnings, for people; a fault if the plan can't hold
   */
  List<String> checkPlan(String text);

  /**
   * Puts a checked plan in force at a position of the log; a fault if tables that it adds while
   * spokes are live may not start equal.
   *
   * @param assumeIdentical the operator's word that the tables it adds hold the same rows
   *     everywhere
   */
  PlanRecord applyPlan(String text, boolean assumeIdentical);

  /**
   * Carries out a person's word on conflicts: writes in the hub's name what shall be instead, and
   * notes the word in the log. All of it, or a fault and nothing.
   *
   * @param by who says so
   * @param reason for people; may be empty
   */
  void rule(Verdict verdict, List<Amendment> amendments, String by, String reason);

  /** Asks every capturing spoke for a barrier's mark. */
  BarrierWait takeBarrier();

  /** A barrier under way. Closing it gives it up. */
  interface BarrierWait extends AutoCloseable {
    /** Whether everything committed before the barrier was taken is everywhere, durably. */
    boolean await(Duration timeout) throws InterruptedException;

    /** Who is still missing, one line each, for people. */
    List<String> lacking();

    @Override
    void close();
  }
}
