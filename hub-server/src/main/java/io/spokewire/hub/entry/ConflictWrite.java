package io.spokewire.hub.entry;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.HybridTime;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SchemaId;
import io.spokewire.common.id.Sequence;
import io.spokewire.common.id.SpokeId;

/**
 * One of the writes that met in a conflict: all that any rule may look at.
 *
 * @param position of the outcome it came with
 * @param schema the shape of its table at its site, which {@code row} has
 * @param key of the row it wrote; another row's in a conflict between rows
 * @param value what it wrote to the field; {@code t} or {@code f} to a row's existence
 * @param row of a row's existence, the row it wrote, or the one it deleted, as far as they are
 *     known; of a column, what it wrote to columns whose values have an order, because a rule may
 *     compare them. UNCHANGED elsewhere, NONE if there is nothing to tell
 */
public record ConflictWrite(
    SpokeId spoke,
    Sequence sequence,
    Position position,
    HybridTime time,
    VectorClock clock,
    SchemaId schema,
    RowKey key,
    Field value,
    Tuple row) {}
