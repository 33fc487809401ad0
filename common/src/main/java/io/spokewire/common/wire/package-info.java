/**
 * Nouns to bytes and back. In: nouns, or bytes of a peer. Out: messages of {@code change.proto}, or
 * checked nouns. The only common package that knows generated code. May not: skip what it does not
 * know, open a connection, or keep state between streams.
 */
@NullMarked
package io.spokewire.common.wire;

import org.jspecify.annotations.NullMarked;
