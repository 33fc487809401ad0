/**
 * The agent beside one database. Its main class and commands, how a spoke joins, and the wiring:
 * read {@code Agent} for the list of parts.
 */
@NullMarked
package io.spokewire.agent;

import org.jspecify.annotations.NullMarked;
