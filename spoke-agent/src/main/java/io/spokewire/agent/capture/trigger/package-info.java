/**
 * Capture by triggers: reads what they logged, batch by batch, and has the log forget what is
 * confirmed. An engine implements {@code TriggeredDatabase}, {@code BatchReader} and {@code
 * ChangeLog}.
 */
@NullMarked
package io.spokewire.agent.capture.trigger;

import org.jspecify.annotations.NullMarked;
