/**
 * Stage 4, <b>resolve</b>. In: transactions in hub order. Out: an outcome for every spoke. Pure: no
 * I/O, no clock, no threads; the same input gives the same outcome, byte for byte.
 */
@NullMarked
package io.spokewire.hub.resolve;

import org.jspecify.annotations.NullMarked;
