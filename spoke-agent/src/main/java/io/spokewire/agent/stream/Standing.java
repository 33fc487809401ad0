package io.spokewire.agent.stream;

/** How the hub regards this spoke. */
public enum Standing {
  /** Its data is not known to equal the others': nothing is captured, sent or applied. */
  JOINING,
  LIVE,
  /** Its database or log went back: somebody must decide; nothing flows. */
  NEEDS_RESYNC
}
