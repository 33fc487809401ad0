/**
 * Loops and the order in which parts of a process start and stop. A loop is one {@code doWork()}
 * that returns how much it did, so a thread, a test or a simulator can drive the same code.
 */
@NullMarked
package io.spokewire.common.lifecycle;

import org.jspecify.annotations.NullMarked;
