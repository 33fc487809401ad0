package io.spokewire.admin.client;

import io.spokewire.proto.ConflictDecision;
import io.spokewire.proto.ConflictFilter;
import io.spokewire.proto.ConflictSide;
import io.spokewire.proto.ConflictValue;
import io.spokewire.proto.NotTried;
import io.spokewire.proto.RuledConflicts;
import io.spokewire.proto.RulingSide;
import io.spokewire.proto.TrialSummary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Conflicts as the hub's messages have them. */
final class ConflictWire {
  private ConflictWire() {}

  static ConflictFilter filter(Conflict.Filter filter) {
    ConflictFilter.Builder message =
        ConflictFilter.newBuilder()
            .setTable(filter.table())
            .setKey(filter.key())
            .setField(filter.field())
            .setStrategy(filter.strategy())
            .setKind(filter.kind())
            .setSpoke(filter.spoke())
            .setState(filter.state());
    filter.sinceMicros().ifPresent(message::setSinceMicros);
    filter.untilMicros().ifPresent(message::setUntilMicros);
    return message.build();
  }

  static Conflict conflict(io.spokewire.proto.Conflict c) {
    return new Conflict(
        c.getId(),
        c.getLoggedMicros(),
        c.getTable(),
        c.getKey(),
        c.getField(),
        c.getKind(),
        c.getType(),
        c.getState(),
        value(c.getBase()),
        side(c.getSource()),
        side(c.getTarget()),
        c.getOthersList().stream().map(ConflictWire::side).toList(),
        c.getResolution(),
        value(c.getResult()),
        c.hasDecision() ? Optional.of(decision(c.getDecision())) : Optional.empty(),
        c.getChannel(),
        c.getPosition(),
        c.getOrdinal(),
        c.getRuleVersion());
  }

  static RulingSide side(Ruling.Choice.Side side) {
    return side.source() ? RulingSide.RULING_SIDE_SOURCE : RulingSide.RULING_SIDE_TARGET;
  }

  static List<Ruling> rulings(RuledConflicts ruled) {
    return ruled.getConflictsList().stream()
        .map(
            r ->
                new Ruling(
                    r.getId(),
                    r.getTable(),
                    r.getKey(),
                    r.getField(),
                    value(r.getValue()),
                    r.getWritten()))
        .toList();
  }

  static PlanTrial trial(io.spokewire.proto.PlanTrial trial) {
    return switch (trial.getMessageCase()) {
      case DIFFERENCE ->
          new PlanTrial.Difference(
              conflict(trial.getDifference().getConflict()),
              value(trial.getDifference().getResult()),
              trial.getDifference().getResolution());
      case SUMMARY, MESSAGE_NOT_SET -> summary(trial.getSummary());
    };
  }

  private static PlanTrial.Summary summary(TrialSummary summary) {
    Map<String, Long> notTried = new LinkedHashMap<>();
    for (NotTried reason : summary.getNotTriedList()) {
      notTried.put(reason.getReason(), reason.getConflicts());
    }
    return new PlanTrial.Summary(
        summary.getTried(),
        summary.getSame(),
        summary.getDifferent(),
        notTried,
        summary.getWarningsList(),
        summary.getNotActiveList());
  }

  private static Conflict.Decision decision(ConflictDecision decision) {
    return new Conflict.Decision(
        decision.getBy(), decision.getAtMicros(), value(decision.getValue()), decision.getReason());
  }

  private static Conflict.Side side(ConflictSide side) {
    return new Conflict.Side(
        side.getSpoke(),
        side.getSequence(),
        side.getPosition(),
        side.getTimeMicros(),
        value(side.getValue()),
        side.hasDeleted() ? Optional.of(side.getDeleted()) : Optional.empty(),
        side.getClockMap());
  }

  private static Conflict.Value value(ConflictValue value) {
    return switch (value.getValueCase()) {
      case TEXT -> new Conflict.Value(Optional.of(value.getText()), false);
      case NULL -> new Conflict.Value(Optional.empty(), false);
      case ABSENT, VALUE_NOT_SET -> new Conflict.Value(Optional.empty(), true);
    };
  }
}
