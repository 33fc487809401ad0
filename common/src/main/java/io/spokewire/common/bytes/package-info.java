/**
 * Immutable byte slices and the varint-coded sink and source that every compact encoding is built
 * on. Leaf: imports nothing of ours.
 */
@NullMarked
package io.spokewire.common.bytes;

import org.jspecify.annotations.NullMarked;
