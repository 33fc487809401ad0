package io.spokewire.hub.admin;

import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.audit.AuditedConflict;
import io.spokewire.hub.audit.ConflictFilter;
import io.spokewire.hub.audit.ConflictState;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.proto.Conflict;
import io.spokewire.proto.ConflictDecision;
import io.spokewire.proto.ConflictSide;
import io.spokewire.proto.ConflictValue;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Conflicts and questions about them as messages. */
final class ConflictMessages {
  private ConflictMessages() {}

  /**
   * A filter.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static ConflictFilter filter(io.spokewire.proto.ConflictFilter filter) {
    return new ConflictFilter(
        given(filter.getTable()).map(TableName::new),
        given(filter.getKey()),
        given(filter.getField()),
        filter.hasSinceMicros() ? Optional.of(at(filter.getSinceMicros())) : Optional.empty(),
        filter.hasUntilMicros() ? Optional.of(at(filter.getUntilMicros())) : Optional.empty(),
        given(filter.getStrategy()),
        given(filter.getKind()).map(ConflictMessages::kind),
        given(filter.getSpoke()).map(SpokeId::new),
        given(filter.getState()).map(ConflictMessages::state));
  }

  static Conflict of(AuditedConflict c) {
    Conflict.Builder message =
        Conflict.newBuilder()
            .setId(c.id())
            .setLoggedMicros(micros(c.timestamp()))
            .setTable(c.table().name())
            .setKey(c.key())
            .setField(c.field())
            .setKind(c.kind())
            .setType(c.type())
            .setBase(value(c.base()))
            .setSource(side(c.source()))
            .setTarget(side(c.target()))
            .setResolution(c.resolution())
            .setResult(value(c.result()))
            .setChannel(c.position().channel().name())
            .setPosition(c.position().number())
            .setOrdinal(c.conflict().ordinal())
            .setRuleVersion(c.ruleVersion().number())
            .setState(c.state().label());
    c.others().forEach(other -> message.addOthers(side(other)));
    c.decision().ifPresent(decision -> message.setDecision(of(decision)));
    return message.build();
  }

  /** A value that is text, or none. */
  static ConflictValue value(AuditedConflict.Shown shown) {
    ConflictValue.Builder message = ConflictValue.newBuilder();
    if (shown.text().isPresent()) {
      message.setText(shown.text().get());
    } else if (shown.exact().isNull()) {
      message.setNull(true);
    } else {
      message.setAbsent(true);
    }
    return message.build();
  }

  private static ConflictDecision of(AuditedConflict.Decision decision) {
    ConflictValue.Builder value = ConflictValue.newBuilder();
    decision.value().ifPresentOrElse(value::setText, () -> value.setNull(true));
    return ConflictDecision.newBuilder()
        .setBy(decision.by())
        .setAtMicros(micros(decision.at()))
        .setValue(value)
        .setReason(decision.reason())
        .build();
  }

  private static ConflictSide side(AuditedConflict.Side side) {
    ConflictSide.Builder message =
        ConflictSide.newBuilder()
            .setSpoke(side.spoke().name())
            .setSequence(side.sequence().number())
            .setValue(value(side.value()))
            .setTimeMicros(micros(side.time()))
            .setPosition(side.position().number());
    side.deleted().ifPresent(message::setDeleted);
    side.clock().forEach((spoke, last) -> message.putClock(spoke.name(), last.number()));
    return message.build();
  }

  private static ConflictState state(String label) {
    return named("state", label, ConflictState.values(), ConflictState::label);
  }

  private static ConflictKind kind(String label) {
    return named("kind of conflict", label, ConflictKind.values(), ConflictKind::label);
  }

  private static <T> T named(String what, String label, T[] all, Function<T, String> labelOf) {
    return Arrays.stream(all)
        .filter(each -> labelOf.apply(each).equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'%s' is no %s: use %s"
                        .formatted(
                            label,
                            what,
                            Arrays.stream(all).map(labelOf).collect(Collectors.joining(", ")))));
  }

  private static Optional<String> given(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static Instant at(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
