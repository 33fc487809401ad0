package io.spokewire.hub.admin;

import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import io.spokewire.hub.audit.AuditedConflict;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.audit.ConflictQuery;
import io.spokewire.proto.Conflict;
import io.spokewire.proto.ConflictSide;
import io.spokewire.proto.ConflictValue;
import io.spokewire.proto.ListConflictsRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** What an operator can ask of the conflict audit. Safe from any thread. */
public final class ConflictDesk {
  private static final int PAGE = 200;

  private final ConflictAudit audit;

  public ConflictDesk(ConflictAudit audit) {
    this.audit = audit;
  }

  Conflict show(long id) {
    return audit
        .find(id)
        .map(ConflictDesk::message)
        .orElseThrow(
            () ->
                Fault.of(FaultKind.USAGE, "show conflict", "there is no conflict " + id)
                    .hint("'syncadm conflicts list' shows their ids")
                    .build());
  }

  /** Begins to walk through what was asked for, newest first. */
  Listing list(ListConflictsRequest request) {
    long limit = request.getLimit() == 0 ? Long.MAX_VALUE : request.getLimit();
    return new Listing(query(request), limit);
  }

  private static ConflictQuery query(ListConflictsRequest request) {
    try {
      return new ConflictQuery(
          given(request.getTable()).map(TableName::new),
          given(request.getKey()),
          given(request.getField()),
          request.hasSinceMicros() ? Optional.of(at(request.getSinceMicros())) : Optional.empty(),
          request.hasUntilMicros() ? Optional.of(at(request.getUntilMicros())) : Optional.empty(),
          given(request.getStrategy()),
          given(request.getKind()),
          given(request.getSpoke()).map(SpokeId::new),
          Long.MAX_VALUE,
          PAGE);
    } catch (IllegalArgumentException e) {
      throw Fault.of(FaultKind.USAGE, "list conflicts", String.valueOf(e.getMessage())).causedBy(e);
    }
  }

  private static Optional<String> given(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static Instant at(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static Conflict message(AuditedConflict c) {
    return Conflict.newBuilder()
        .setId(c.id())
        .setLoggedMicros(ChronoUnit.MICROS.between(Instant.EPOCH, c.timestamp()))
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
        .setRuleVersion(c.ruleVersion().number())
        .build();
  }

  private static ConflictSide side(AuditedConflict.Side side) {
    ConflictSide.Builder message =
        ConflictSide.newBuilder()
            .setSpoke(side.spoke().name())
            .setSequence(side.sequence().number())
            .setValue(value(side.value()));
    VectorClock clock = side.clock();
    clock.entries().forEach((spoke, last) -> message.putClock(spoke.name(), last.number()));
    return message.build();
  }

  private static ConflictValue value(AuditedConflict.Shown shown) {
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

  /** A walk through conflicts that holds one page at a time. Owned by one call. */
  final class Listing {
    private final ConflictQuery query;
    private final Deque<AuditedConflict> page = new ArrayDeque<>();
    private long left;
    private long before = Long.MAX_VALUE;

    private Listing(ConflictQuery query, long limit) {
      this.query = query;
      this.left = limit;
    }

    /** The next one; empty after the last. */
    Optional<Conflict> next() {
      if (page.isEmpty() && left > 0) {
        int size = (int) Math.min(PAGE, left);
        List<AuditedConflict> found = audit.find(query.page(before, size));
        page.addAll(found);
        left = found.size() < size ? 0 : left - size;
      }
      AuditedConflict next = page.poll();
      if (next == null) {
        return Optional.empty();
      }
      before = next.id();
      return Optional.of(message(next));
    }
  }
}
