package io.spokewire.hub;

import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.config.PlanParser;
import io.spokewire.hub.admin.Trial;
import io.spokewire.hub.audit.AuditedConflict;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.Retried;
import io.spokewire.hub.resolve.Retrial;

/** Trials of plans under the resolver's own rules. */
final class PlanTrials implements Trial.Court {
  private final SchemaBook schemas;

  PlanTrials(SchemaBook schemas) {
    this.schemas = schemas;
  }

  @Override
  public Trial under(String plan) {
    Retrial retrial = Retrial.under(new PlanParser().parse("plan", plan), schemas);
    return new Trial() {
      @Override
      public Retried of(ConflictRecord conflict) {
        return retrial.of(conflict);
      }

      @Override
      public AuditedConflict.Shown shown(ConflictRecord conflict, Retried.Settled settled) {
        return AuditedConflict.Shown.of(
            schemas.get(conflict.schema()), conflict.field(), settled.result());
      }
    };
  }
}
