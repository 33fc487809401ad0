package io.spokewire.admin.client;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A spoke as the hub reports it.
 *
 * @param engine empty until its agent joined
 * @param state {@code joining live lagging offline paused parked fenced needs_resync}
 * @param reason why it is not live; empty when it is
 * @param appliedPosition by channel
 * @param outboxPending transactions captured that the hub does not have yet
 * @param fault what is wrong at its agent now; empty when all is well
 */
public record Spoke(
    String name,
    String engine,
    String direction,
    String state,
    String reason,
    long lagMicros,
    Map<String, Long> appliedPosition,
    long outboxPending,
    boolean connected,
    long parked,
    String fault,
    String faultHint) {
  public Spoke {
    appliedPosition = new TreeMap<>(appliedPosition);
  }

  /**
   * Everything the hub knows of one spoke.
   *
   * @param clockOffsetMicros the agent's clock minus the hub's
   * @param capture how its changes are captured; empty if that is not known, or it sends none
   * @param tableProblems one line each
   */
  public record Details(
      Spoke spoke,
      String channel,
      int epoch,
      boolean paused,
      String engineVersion,
      String capture,
      long retainedLogBytes,
      long clockOffsetMicros,
      long startsAfter,
      boolean assumeIdentical,
      List<Table> tables,
      List<String> tableProblems) {
    public Details {
      tables = List.copyOf(tables);
      tableProblems = List.copyOf(tableProblems);
    }
  }

  /** One of its tables. */
  public record Table(
      String name, int columns, List<String> key, boolean beforeImages, boolean emptyAtStart) {
    public Table {
      key = List.copyOf(key);
    }
  }

  /** What a new spoke needs to join; the token is shown this once. */
  public record Invitation(String spoke, String token, long expiresMicros, String joinCommand) {}
}
