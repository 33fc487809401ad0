/**
 * Stage 5, <b>log</b>. In: groups of entries with the state that must be durable with them. Out:
 * one atomic, fsynced batch; then reads in order. May not: decide or send. The port is {@code
 * HubStore}.
 */
@NullMarked
package io.spokewire.hub.log;

import org.jspecify.annotations.NullMarked;
