/**
 * Who is at the other end. In: connections on the one gRPC port. Out: calls that carry a proven
 * name. May not: know what a call does. There is no plaintext port.
 */
@NullMarked
package io.spokewire.hub.tls;

import org.jspecify.annotations.NullMarked;
