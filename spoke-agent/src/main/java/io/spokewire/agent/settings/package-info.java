/**
 * What one agent is told and what it keeps: the typed settings of {@code agent.yaml}, where the
 * database password comes from, the data directory with its lock and permissions, and the small
 * state that must survive a restart. In: files. Out: records and durable files. May not: open a
 * connection.
 */
@NullMarked
package io.spokewire.agent.settings;

import org.jspecify.annotations.NullMarked;
