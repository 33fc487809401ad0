package io.spokewire.hub.admin;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.hub.audit.AuditedConflict;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.audit.ConflictState;
import io.spokewire.hub.audit.TypedText;
import io.spokewire.hub.entry.Amendment;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.LogEntry.Verdict;
import io.spokewire.hub.topology.HubControl;
import io.spokewire.proto.DecideConflictRequest;
import io.spokewire.proto.RevertConflictsRequest;
import io.spokewire.proto.RuledConflict;
import io.spokewire.proto.RuledConflicts;
import io.spokewire.proto.RulingSide;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What people say of conflicts in the audit. Safe from any thread. */
public final class RulingDesk {
  private static final String DECIDE = "decide conflict";
  private static final String REVERT = "revert conflict";

  private final ConflictAudit audit;
  private final HubControl control;
  private final SchemaBook schemas;

  /**
   * @param schemas the shapes of the rows in conflict
   */
  public RulingDesk(ConflictAudit audit, HubControl control, SchemaBook schemas) {
    this.audit = audit;
    this.control = control;
    this.schemas = schemas;
  }

  RuledConflicts decide(DecideConflictRequest request, String caller) {
    AuditedConflict conflict = known(DECIDE, request.getId());
    if (conflict.state() != ConflictState.OPEN) {
      throw Fault.of(
              FaultKind.USAGE,
              DECIDE,
              "conflict " + conflict.id() + " is not open, it is " + conflict.state().label())
          .hint("'conflicts list --state open' shows those that wait; 'revert' changes others")
          .build();
    }
    return carryOut(
        Verdict.DECIDED,
        List.of(conflict),
        List.of(decision(conflict, request)),
        caller,
        request.getReason());
  }

  RuledConflicts revert(RevertConflictsRequest request, String caller) {
    if (request.getIdsCount() == 0) {
      throw Fault.of(FaultKind.USAGE, REVERT, "no conflict is named").build();
    }
    List<AuditedConflict> conflicts = new ArrayList<>();
    List<Amendment> amendments = new ArrayList<>();
    for (long id : request.getIdsList()) {
      AuditedConflict conflict = known(REVERT, id);
      if (conflict.state() == ConflictState.REVERTED) {
        throw Fault.of(FaultKind.USAGE, REVERT, "conflict " + id + " was reverted before").build();
      }
      conflicts.add(conflict);
      amendments.add(
          new Amendment(
              conflict.conflict(), conflict.record(), lost(conflict, request.getSide()), true));
    }
    return carryOut(Verdict.REVERTED, conflicts, amendments, caller, request.getReason());
  }

  private RuledConflicts carryOut(
      Verdict verdict,
      List<AuditedConflict> conflicts,
      List<Amendment> amendments,
      String caller,
      String reason) {
    control.rule(verdict, amendments, caller, reason);
    RuledConflicts.Builder ruled = RuledConflicts.newBuilder();
    for (int i = 0; i < conflicts.size(); i++) {
      AuditedConflict conflict = conflicts.get(i);
      ruled.addConflicts(
          RuledConflict.newBuilder()
              .setId(conflict.id())
              .setTable(conflict.table().name())
              .setKey(conflict.key())
              .setField(conflict.field())
              .setValue(
                  ConflictMessages.value(
                      AuditedConflict.Shown.of(
                          schemaOf(conflict), conflict.field(), amendments.get(i).value())))
              .setWritten(amendments.get(i).writes()));
    }
    return ruled.build();
  }

  private AuditedConflict known(String operation, long id) {
    return audit
        .find(id)
        .orElseThrow(
            () ->
                Fault.of(FaultKind.USAGE, operation, "there is no conflict " + id)
                    .hint("'syncadm conflicts list' shows their ids")
                    .build());
  }

  private Amendment decision(AuditedConflict conflict, DecideConflictRequest request) {
    ConflictRecord record = conflict.record();
    FieldImage value =
        switch (request.getChoiceCase()) {
          case KEEP -> record.result();
          case NULL -> ofRow(record) ? FieldImage.NO_ROW : FieldImage.of(Field.NULL);
          case SIDE -> image(conflict, side(record, request.getSide()));
          case VALUE -> typed(conflict, request.getValue());
          case CHOICE_NOT_SET ->
              throw Fault.of(FaultKind.USAGE, DECIDE, "nothing is said of what it shall be")
                  .hint("--value V, --null, --source, --target or --keep")
                  .build();
        };
    return new Amendment(conflict.conflict(), record, value, !request.getKeep());
  }

  private FieldImage typed(AuditedConflict conflict, String text) {
    ConflictRecord record = conflict.record();
    TableSchema schema = schemaOf(conflict);
    try {
      if (ofRow(record)) {
        return FieldImage.ofRow(TypedText.row(schema, takenOut(record), text));
      }
      int ordinal = schema.ordinalOf(record.field());
      return FieldImage.of(TypedText.value(schema.columns().get(ordinal), text));
    } catch (IllegalArgumentException e) {
      throw Fault.of(FaultKind.USAGE, DECIDE, String.valueOf(e.getMessage())).causedBy(e);
    }
  }

  /** What lost: the one side, if there is one, that the field does not hold. */
  private FieldImage lost(AuditedConflict conflict, RulingSide side) {
    ConflictRecord record = conflict.record();
    if (side != RulingSide.RULING_SIDE_NONE) {
      return image(conflict, side(record, side));
    }
    if (ofRow(record)) {
      boolean isThere = !record.result().value().equals(FieldImage.IS_GONE);
      return isThere ? FieldImage.NO_ROW : FieldImage.ofRow(takenOut(record));
    }
    List<ConflictWrite> lost =
        Stream.of(record.source(), record.target())
            .filter(w -> w.key().equals(record.key()) && w.value().isPresent())
            .filter(w -> !w.value().equals(record.result().value()))
            .toList();
    if (lost.size() != 1) {
      throw Fault.of(
              FaultKind.USAGE,
              REVERT,
              lost.isEmpty()
                  ? "in conflict " + conflict.id() + " nothing lost"
                  : "in conflict " + conflict.id() + " neither side's value was taken as it is")
          .hint("say which: --source or --target")
          .build();
    }
    return image(conflict, lost.getFirst());
  }

  private static ConflictWrite side(ConflictRecord record, RulingSide side) {
    return side == RulingSide.RULING_SIDE_SOURCE ? record.source() : record.target();
  }

  private static FieldImage image(AuditedConflict conflict, ConflictWrite side) {
    ConflictRecord record = conflict.record();
    if (!side.key().equals(record.key())) {
      throw Fault.of(
              FaultKind.USAGE,
              "rule on conflict " + conflict.id(),
              "that write is of another row than the one it is about, " + conflict.key())
          .hint("'syncadm conflicts show " + conflict.id() + "'; say --value instead")
          .build();
    }
    if (!ofRow(record)) {
      return FieldImage.of(side.value());
    }
    return side.value().equals(FieldImage.IS_GONE)
        ? FieldImage.NO_ROW
        : FieldImage.ofRow(side.row());
  }

  /** The row that lost its place, as far as it is known. */
  private static Tuple takenOut(ConflictRecord record) {
    for (ConflictWrite side : List.of(record.source(), record.target())) {
      boolean wrote = !side.value().equals(FieldImage.IS_GONE);
      if (wrote && side.key().equals(record.key()) && !side.row().isNone()) {
        return side.row();
      }
    }
    return record.base().row();
  }

  private static boolean ofRow(ConflictRecord record) {
    return record.field().equals(ConflictRecord.EXISTENCE);
  }

  private TableSchema schemaOf(AuditedConflict conflict) {
    return schemas.get(conflict.record().schema());
  }
}
