package io.spokewire.hub.entry;

import io.spokewire.common.clock.Context;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.id.ChainHash;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.Writer;

/**
 * Where a writer stands: what the hub durably has of it.
 *
 * @param last its last transaction in the log
 * @param hash its chain after that
 * @param sourcePosition everything of its source log up to here is durable at the hub or needs no
 *     place there
 * @param context the last context received in its stream; never shrinks (I4)
 * @param time the hybrid time of its last transaction
 */
public record WriterState(
    Writer writer,
    Sequence last,
    ChainHash hash,
    SourcePosition sourcePosition,
    Context context,
    HybridTime time) {}
