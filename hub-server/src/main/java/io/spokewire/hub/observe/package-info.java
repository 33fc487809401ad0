/**
 * What is counted while changes flow. In: numbers from the loops. Out: readings for status and
 * metrics. May not: decide anything.
 */
@NullMarked
package io.spokewire.hub.observe;

import org.jspecify.annotations.NullMarked;
