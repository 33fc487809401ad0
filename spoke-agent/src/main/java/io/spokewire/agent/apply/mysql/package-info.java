/**
 * Apply for MySQL and MariaDB. In: batches of log entries. Out: set-based statements in one
 * transaction with marker and checkpoint; rows that can't be applied in {@code spokewire.parked}.
 * May not: change a table that the plan doesn't name.
 */
@NullMarked
package io.spokewire.agent.apply.mysql;

import org.jspecify.annotations.NullMarked;
