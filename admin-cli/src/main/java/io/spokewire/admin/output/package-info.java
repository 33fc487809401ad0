/**
 * How answers look: tables for people, JSON and CSV for scripts. In: texts and numbers. Out: text.
 * May not: know a command, the hub or the terminal.
 */
@NullMarked
package io.spokewire.admin.output;

import org.jspecify.annotations.NullMarked;
