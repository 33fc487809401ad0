/**
 * YAML to typed records. All faults of a file are reported together, each with its line and a hint;
 * an unknown key is a fault that names the nearest known one.
 */
@NullMarked
package io.spokewire.common.config;

import org.jspecify.annotations.NullMarked;
