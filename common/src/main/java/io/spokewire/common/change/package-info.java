/**
 * The nouns that travel: {@code Transaction}, {@code RowChange}, keys, tuples and the tables they
 * belong to. They know how to hold their own compact encoding, and nothing about where they come
 * from or go.
 */
@NullMarked
package io.spokewire.common.change;

import org.jspecify.annotations.NullMarked;
