/**
 * Stage 3, <b>stream</b>, the hub's end: one session per spoke over mutual TLS. In: frames of the
 * agents. Out: batches for the sequencer, frames for the agents. May not: resolve or store.
 */
@NullMarked
package io.spokewire.hub.stream;

import org.jspecify.annotations.NullMarked;
