/** Benchmarks of the whole way, side by side with the alternative in one run. */
@NullMarked
package io.spokewire.deploy.bench;

import org.jspecify.annotations.NullMarked;
