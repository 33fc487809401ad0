/**
 * What we write into a database's own log so that capture knows it again: the marker of an applied
 * transaction and the mark of a barrier, sealed with the agent's secret. Used by capture (reads)
 * and apply (writes); knows no engine.
 */
@NullMarked
package io.spokewire.agent.marker;

import org.jspecify.annotations.NullMarked;
