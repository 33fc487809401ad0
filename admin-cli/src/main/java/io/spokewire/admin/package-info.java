/**
 * syncadm, the operator's command line: main and wiring. Commands ask the client and print through
 * output; nothing else here knows the hub or the terminal.
 */
@NullMarked
package io.spokewire.admin;

import org.jspecify.annotations.NullMarked;
