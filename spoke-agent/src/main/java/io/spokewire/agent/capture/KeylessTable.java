package io.spokewire.agent.capture;

import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;

/** A table without a key, which takes inserts only. */
public final class KeylessTable {
  private KeylessTable() {}

  /**
   * The fault for another change.
   *
   * @param what {@code a delete}, {@code an update}
   */
  public static Fault refused(TableSchema schema, String what) {
    return Fault.of(
            FaultKind.REFUSED,
            "capture",
            what + " of a table without a key can't be told apart from others")
        .at(schema.table())
        .hint(
            "it takes inserts only: give it a primary key, or take it out of the plan (syncadm"
                + " plan apply), and start the agent again")
        .build();
  }
}
