/**
 * The durable queue as a port, with the in-memory implementation beside it; {@code queue.chronicle}
 * holds the one that survives a crash. The contract is written as one test suite that both pass.
 */
@NullMarked
package io.spokewire.common.queue;

import org.jspecify.annotations.NullMarked;
