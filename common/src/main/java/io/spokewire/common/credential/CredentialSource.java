package io.spokewire.common.credential;

/**
 * Where a password comes from. Asked again for each new connection, so that a changed password is
 * taken up without a restart. Safe from any thread.
 *
 * <p>Errors: {@link io.spokewire.common.fault.Fault} with the source's name, never with a value.
 */
public interface CredentialSource {
  /** The password as it is now. */
  Secret read();
}
