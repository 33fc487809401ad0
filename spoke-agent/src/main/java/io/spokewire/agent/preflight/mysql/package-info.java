/** Preflight of MySQL and MariaDB. */
@NullMarked
package io.spokewire.agent.preflight.mysql;

import org.jspecify.annotations.NullMarked;
