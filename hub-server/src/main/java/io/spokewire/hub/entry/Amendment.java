package io.spokewire.hub.entry;

/**
 * What a person wants instead of what a conflict came to.
 *
 * @param conflict which one
 * @param record what the log has of it
 * @param value what its field shall hold; of a row's existence, the whole row or none
 * @param writes whether that is to be written; if not, what stands is approved
 */
public record Amendment(
    ConflictId conflict, ConflictRecord record, FieldImage value, boolean writes) {}
