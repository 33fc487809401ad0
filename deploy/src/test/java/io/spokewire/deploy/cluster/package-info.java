/**
 * A hub and sites on one machine, made of the real programs and real databases, for the demo, the
 * benchmarks and the end-to-end tests. Drives the programs as a user would: by their commands and
 * what they print.
 */
@NullMarked
package io.spokewire.deploy.cluster;

import org.jspecify.annotations.NullMarked;
