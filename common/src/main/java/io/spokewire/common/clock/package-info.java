/**
 * Logical time: what a writer had seen ({@code Context}), what a write descends from ({@code
 * VectorClock}), and hybrid time for rules that need a clock. Imports only {@code id} and {@code
 * bytes}.
 */
@NullMarked
package io.spokewire.common.clock;

import org.jspecify.annotations.NullMarked;
