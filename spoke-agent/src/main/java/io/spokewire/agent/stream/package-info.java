/**
 * Stage 3, <b>stream</b>, the agent's end. In: outbox records, applied positions. Out: batches and
 * orders from the hub. May not: touch a database. The only package of the agent, beside enrolment's
 * call that lives here too, that knows gRPC and the wire's messages.
 */
@NullMarked
package io.spokewire.agent.stream;

import org.jspecify.annotations.NullMarked;
