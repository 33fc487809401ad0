package io.spokewire.hub.admin;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.topology.HubControl;
import io.spokewire.hub.topology.Spoke;
import io.spokewire.hub.topology.SpokeBoard;
import io.spokewire.hub.topology.Topology;
import io.spokewire.proto.AddSpokeRequest;
import io.spokewire.proto.AddSpokeResponse;
import io.spokewire.proto.RejoinSpokeRequest;
import io.spokewire.proto.SpokeDetail;
import io.spokewire.proto.SpokeSummary;
import io.spokewire.proto.SpokeTable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;

/**
 * What an operator can do with spokes. Every change is durable and in force when the call returns.
 * Safe from any thread.
 */
public final class TopologyDesk {
  private static final Duration DEFAULT_TTL = Duration.ofHours(1);
  private static final Duration LONGEST_TTL = Duration.ofDays(30);

  private final Topology topology;
  private final SpokeBoard board;
  private final HubControl control;
  private final JoinInvitations invitations;
  private final SpokeStates states;
  private final ChannelId channel;

  /**
   * @param channel the one that this hub serves
   */
  public TopologyDesk(
      Topology topology,
      SpokeBoard board,
      HubControl control,
      JoinInvitations invitations,
      SpokeStates states,
      ChannelId channel) {
    this.topology = topology;
    this.board = board;
    this.control = control;
    this.invitations = invitations;
    this.states = states;
    this.channel = channel;
  }

  AddSpokeResponse add(AddSpokeRequest request) {
    SpokeId name = spokeId("add spoke", request.getName());
    Direction direction = direction(request.getDirection());
    checkChannel(request.getChannel());
    Duration ttl = ttl(request.getTtlSeconds());
    if (name.equals(SpokeId.HUB)) {
      throw Fault.of(FaultKind.USAGE, "add spoke", "'" + name + "' is the hub's own name")
          .hint("call it something else, such as head-office")
          .build();
    }
    topology.add(name, direction, channel);
    JoinInvitations.Invitation invitation;
    try {
      invitation = invitations.invite(name, ttl);
    } catch (RuntimeException e) {
      topology.remove(name); // a spoke that nobody can join would only be in the way
      throw e;
    }
    return AddSpokeResponse.newBuilder()
        .setSpoke(name.name())
        .setToken(invitation.token())
        .setExpiresMicros(ChronoUnit.MICROS.between(Instant.EPOCH, invitation.expires()))
        .setJoinCommand(joinCommand(name, invitation))
        .build();
  }

  /** By name. */
  List<SpokeSummary> list() {
    return topology.spokes().stream()
        .sorted(Comparator.comparing(Spoke::id))
        .map(this::summary)
        .toList();
  }

  SpokeDetail show(String name) {
    Spoke spoke = known("show spoke", name);
    SpokeBoard.Reading reading = board.of(spoke.id());
    SpokeDetail.Builder detail =
        SpokeDetail.newBuilder()
            .setSummary(summary(spoke))
            .setChannel(spoke.channel().name())
            .setEpoch(spoke.epoch().number())
            .setPaused(spoke.paused())
            .setEngineVersion(reading.engineVersion())
            .setCapture(reading.capture())
            .setRetainedLogBytes(reading.retainedLogBytes())
            .setClockOffsetMicros(reading.clockOffsetMicros())
            .setStartsAfter(spoke.startsAfter())
            .setAssumeIdentical(spoke.assumeIdentical())
            .addAllTableProblems(reading.tableProblems());
    reading.tables().forEach(table -> detail.addTables(table(table)));
    return detail.build();
  }

  void remove(String name) {
    control.remove(known("remove spoke", name).id());
  }

  SpokeSummary pause(String name) {
    SpokeId spoke = known("pause spoke", name).id();
    control.pause(spoke);
    return summary(known("pause spoke", name));
  }

  SpokeSummary resume(String name) {
    SpokeId spoke = known("resume spoke", name).id();
    control.resume(spoke);
    return summary(known("resume spoke", name));
  }

  /** The spoke goes on in a new epoch: its details say in which, and from where. */
  SpokeDetail rejoin(RejoinSpokeRequest request) {
    if (!request.getCatchUp()) {
      throw Fault.of(FaultKind.USAGE, "rejoin spoke", "say how: this hub knows --catch-up only")
          .hint("syncadm topology rejoin " + request.getName() + " --catch-up")
          .build();
    }
    control.rejoin(known("rejoin spoke", request.getName()).id());
    return show(request.getName());
  }

  private SpokeSummary summary(Spoke spoke) {
    SpokeBoard.Reading reading = board.of(spoke.id());
    return SpokeSummary.newBuilder()
        .setName(spoke.id().name())
        .setEngine(spoke.engine())
        .setDirection(spoke.direction().label())
        .setState(states.of(spoke, reading).label())
        .setReason(states.reason(spoke, reading))
        .setLagMicros(Math.max(0, reading.lagMicros()))
        .putAppliedPosition(spoke.channel().name(), reading.applied())
        .setOutboxPending(reading.outboxPending())
        .setConnected(reading.connected())
        .setParked(reading.parked())
        .setFault(reading.fault())
        .setFaultHint(reading.faultHint())
        .build();
  }

  private static SpokeTable table(TableDescription table) {
    SpokeTable.Builder builder =
        SpokeTable.newBuilder()
            .setName(table.table().name())
            .setColumns(table.schema().columns().size())
            .setBeforeImages(table.beforeImages())
            .setEmptyAtStart(table.emptyAtStart());
    for (int ordinal : table.schema().key()) {
      builder.addKey(table.schema().columns().get(ordinal).name());
    }
    return builder.build();
  }

  private Spoke known(String operation, String name) {
    return topology
        .find(spokeId(operation, name))
        .orElseThrow(
            () ->
                Fault.of(FaultKind.USAGE, operation, "there is no spoke '" + name + "'")
                    .hint("'syncadm topology list' shows them")
                    .build());
  }

  private void checkChannel(String asked) {
    if (!asked.isEmpty() && !asked.equals(channel.name())) {
      throw Fault.of(FaultKind.USAGE, "add spoke", "there is no channel '" + asked + "'")
          .hint("this hub has the channel " + channel)
          .build();
    }
  }

  private static Direction direction(String label) {
    try {
      return label.isEmpty() ? Direction.BOTH : Direction.ofLabel(label);
    } catch (IllegalArgumentException e) {
      throw wrong("add spoke", e);
    }
  }

  private static Duration ttl(long seconds) {
    if (seconds == 0) {
      return DEFAULT_TTL;
    }
    if (seconds < 0 || seconds > LONGEST_TTL.toSeconds()) {
      throw Fault.of(FaultKind.USAGE, "add spoke", "a token can't be valid for " + seconds + " s")
          .hint("at most " + LONGEST_TTL.toDays() + "d; one hour is the default")
          .build();
    }
    return Duration.ofSeconds(seconds);
  }

  private static SpokeId spokeId(String operation, String name) {
    try {
      return new SpokeId(name);
    } catch (IllegalArgumentException e) {
      throw wrong(operation, e);
    }
  }

  private static Fault wrong(String operation, IllegalArgumentException e) {
    return Fault.of(FaultKind.USAGE, operation, String.valueOf(e.getMessage())).causedBy(e);
  }

  private static String joinCommand(SpokeId name, JoinInvitations.Invitation invitation) {
    return "spoke-agent join --hub "
        + invitation.hubAddress()
        + " --token "
        + invitation.token()
        + " --data-dir /var/lib/spokewire/"
        + name
        + " --database 'jdbc:postgresql://HOST:5432/DATABASE' --user USER"
        + " --credentials file:PASSWORD_FILE";
  }
}
