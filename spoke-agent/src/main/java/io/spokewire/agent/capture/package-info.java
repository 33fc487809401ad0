/**
 * Stage 1, <b>capture</b>. In: a database's committed changes, in commit order. Out: {@code
 * Captured} nouns for the outbox. May not: send, apply, or look at the hub. One engine is one
 * sub-package; the port is {@code ChangeSource}.
 */
@NullMarked
package io.spokewire.agent.capture;

import org.jspecify.annotations.NullMarked;
