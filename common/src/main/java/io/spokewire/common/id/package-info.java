/**
 * The names of things: spokes, tables, writers, positions. Each is a type of its own, never a bare
 * {@code String} or {@code long}. Imports only {@code bytes}.
 */
@NullMarked
package io.spokewire.common.id;

import org.jspecify.annotations.NullMarked;
