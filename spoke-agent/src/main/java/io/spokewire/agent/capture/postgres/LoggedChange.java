package io.spokewire.agent.capture.postgres;

import org.jspecify.annotations.Nullable;

/**
 * One row of the change log.
 *
 * @param operation I, U, D, T or M
 * @param relation the table or partition
 * @param shape of the rows
 * @param depth how many triggers within each other were at work: 1 where only ours was
 * @param oldRow as text, of an update or delete
 * @param newRow as text, of an insert or update
 * @param mark sealed; of an M
 */
record LoggedChange(
    char operation,
    long relation,
    long shape,
    int depth,
    byte @Nullable [] oldRow,
    byte @Nullable [] newRow,
    byte @Nullable [] mark) {}
