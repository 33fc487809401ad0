/** The rules that settle siblings, one class each: pure functions of the sibling set. */
@NullMarked
package io.spokewire.hub.resolve.rule;

import org.jspecify.annotations.NullMarked;
