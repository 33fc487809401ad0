/**
 * Stage 2, <b>queue</b>. In: captured transactions. Out: numbered, hash-chained records on disk,
 * kept until the hub has them. May not: read a database or open a connection.
 */
@NullMarked
package io.spokewire.agent.queue;

import org.jspecify.annotations.NullMarked;
