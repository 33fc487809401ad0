/**
 * Who this agent is: its key and certificate, the hub's authority, the join token, and how they are
 * checked and replaced. In: a token or files. Out: what TLS needs. May not: open a connection; the
 * calls are made by {@code stream}.
 */
@NullMarked
package io.spokewire.agent.identity;

import org.jspecify.annotations.NullMarked;
