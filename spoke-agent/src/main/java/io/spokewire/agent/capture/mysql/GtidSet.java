package io.spokewire.agent.capture.mysql;

import io.spokewire.common.id.SourcePosition;

/**
 * The transactions of a log up to a place, and so the place. Along one log the sets are a chain
 * under inclusion. Mutable; not thread-safe.
 *
 * <p>As a {@link SourcePosition}: how many transactions it stands for, eight bytes big-endian, so
 * that positions ascend as bytes; then the server's own text.
 */
sealed interface GtidSet permits MySqlGtids, MariaDbGtids {
  /** As the server writes it; equal sets have equal texts. */
  String text();

  SourcePosition position();

  /** What a replica asks the server to go on from; earlier than this while XA work is undecided. */
  String resumeText();
}
