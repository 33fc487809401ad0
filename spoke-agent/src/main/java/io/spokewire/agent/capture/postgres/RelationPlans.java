package io.spokewire.agent.capture.postgres;

/** Makes the plan for a relation. Asked once for each Relation message that differs. */
interface RelationPlans {
  RelationPlan planFor(PgOutputMessage.Relation relation);
}
