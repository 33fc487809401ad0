package io.spokewire.hub.stream;

/**
 * Where sessions hand on what they receive. Called on connection threads; must not block. Memory is
 * bounded by the sessions: each stops reading when what it handed on and was not told {@link
 * Session#consumed} of is too much.
 */
public interface Intake {
  void take(Request request);

  /** A session's connection takes data again. */
  void ready(Session session);
}
