package io.spokewire.common.change;

import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.Writer;

/**
 * A part of a transaction too large for one message. Chunks come in order, right before the {@link
 * Transaction} that commits them, and are invisible until then.
 *
 * @param index from 0
 */
public record TransactionChunk(Writer writer, Sequence sequence, int index, RowBlock rows) {}
