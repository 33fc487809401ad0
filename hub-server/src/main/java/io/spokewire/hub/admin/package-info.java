/** What {@code syncadm} calls: the gRPC admin service. */
@NullMarked
package io.spokewire.hub.admin;

import org.jspecify.annotations.NullMarked;
