/**
 * The nouns of the hub's log: the sealed set of entries, the outcome of a transaction, the record
 * of a conflict, and where a writer stands. They know nothing of how they are stored or sent.
 */
@NullMarked
package io.spokewire.hub.entry;

import org.jspecify.annotations.NullMarked;
