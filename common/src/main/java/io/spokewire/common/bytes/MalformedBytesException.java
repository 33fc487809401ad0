package io.spokewire.common.bytes;

/** Bytes that are not what their encoding says. Never retried: the same bytes fail the same way. */
public final class MalformedBytesException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MalformedBytesException(String message) {
    super(message);
  }
}
