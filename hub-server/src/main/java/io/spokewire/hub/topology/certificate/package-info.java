/**
 * The hub's own certificate authority. In: public keys and requests of agents, the hub and
 * administrators. Out: certificates whose names the hub chose. May not: open a connection or store
 * a table; what was issued is remembered behind the port {@code IssuedCertificates}.
 */
@NullMarked
package io.spokewire.hub.topology.certificate;

import org.jspecify.annotations.NullMarked;
