/**
 * Preflight for PostgreSQL 15 to 18. In: settings, roles, catalogue. Out: findings with SQL. May
 * not: change anything.
 */
@NullMarked
package io.spokewire.agent.preflight.postgres;

import org.jspecify.annotations.NullMarked;
