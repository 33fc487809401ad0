/**
 * One root exception. It carries the operation, the place, the cause, a hint, and whether the fault
 * heals by itself.
 */
@NullMarked
package io.spokewire.common.fault;

import org.jspecify.annotations.NullMarked;
