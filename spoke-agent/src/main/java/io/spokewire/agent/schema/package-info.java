/**
 * The table catalogue: which local tables the plan names, their columns, keys and types, and how an
 * engine's values map to canonical ones. Both capture and apply stand on it.
 */
@NullMarked
package io.spokewire.agent.schema;

import org.jspecify.annotations.NullMarked;
