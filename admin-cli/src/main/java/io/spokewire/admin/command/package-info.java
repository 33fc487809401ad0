/**
 * One class per command: reads its options, asks the hub, prints the answer, returns the exit code.
 * Reports beside them say how an answer looks in each format.
 */
@NullMarked
package io.spokewire.admin.command;

import org.jspecify.annotations.NullMarked;
