/**
 * Stage 7, <b>apply</b>. In: log entries for this spoke, in order. Out: marker, rows and checkpoint
 * in one database transaction; the position once it is durable. May not: decide anything about
 * conflicts. One engine is one sub-package; the port is {@code Applier}.
 */
@NullMarked
package io.spokewire.agent.apply;

import org.jspecify.annotations.NullMarked;
