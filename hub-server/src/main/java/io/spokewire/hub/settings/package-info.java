/**
 * The hub's data directory and what stands in its {@code hub.yaml}. In: files. Out: typed records,
 * one per concern. May not: start anything.
 */
@NullMarked
package io.spokewire.hub.settings;

import org.jspecify.annotations.NullMarked;
