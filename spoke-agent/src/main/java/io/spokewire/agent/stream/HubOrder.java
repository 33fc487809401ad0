package io.spokewire.agent.stream;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.id.BarrierId;

/** What the hub asks of an agent beside taking data. */
public sealed interface HubOrder {
  /** Commit a barrier's mark in the database. */
  record MarkBarrier(BarrierId barrier) implements HubOrder {}

  /** This plan holds from now on: report the tables it means here. */
  record TakePlan(PlanScope plan) implements HubOrder {}

  /** Say what a plan would mean for the tables here. */
  record CheckPlan(long id, PlanScope plan) implements HubOrder {}

  /** The certificate that was asked for; both DER. */
  record TakeCertificate(Bytes certificate, Bytes authority) implements HubOrder {}
}
