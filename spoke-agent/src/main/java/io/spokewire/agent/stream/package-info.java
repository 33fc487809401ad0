/**
 * Stage 3, <b>stream</b>, the agent's end. In: outbox records, applied positions. Out: batches from
 * the hub. May not: touch a database.
 */
@NullMarked
package io.spokewire.agent.stream;

import org.jspecify.annotations.NullMarked;
