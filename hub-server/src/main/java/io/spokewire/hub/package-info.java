/**
 * The hub's commands and its wiring: the list of parts, started in order and stopped in reverse.
 */
@NullMarked
package io.spokewire.hub;

import org.jspecify.annotations.NullMarked;
