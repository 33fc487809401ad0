/**
 * What {@code syncadm} calls: the gRPC admin service and the desks behind it, one per subject. In:
 * an administrator's request. Out: an answer, or a fault with its hint. May not: move changes or
 * touch a spoke's session itself; it asks the ports of topology, audit and flow.
 */
@NullMarked
package io.spokewire.hub.admin;

import org.jspecify.annotations.NullMarked;
