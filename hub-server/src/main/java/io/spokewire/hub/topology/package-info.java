/**
 * Who belongs to the topology: spokes and their states, join tokens, certificates, plan versions.
 */
@NullMarked
package io.spokewire.hub.topology;

import org.jspecify.annotations.NullMarked;
