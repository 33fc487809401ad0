/**
 * Capture by polling: looks at the tables now and then, and compares them with a copy on the
 * agent's own disk. Writes nothing into the database. An engine implements {@code PolledDatabase}.
 */
@NullMarked
package io.spokewire.agent.capture.polling;

import org.jspecify.annotations.NullMarked;
