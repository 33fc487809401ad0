package io.spokewire.hub.audit;

import io.spokewire.common.credential.CredentialSource;

/**
 * A PostgreSQL database that keeps the audit.
 *
 * @param url {@code jdbc:postgresql://HOST:PORT/DATABASE}, with the driver's options if there are
 *     any; {@code currentSchema} says in which schema the tables are
 * @param password asked for at every connect, so that a changed one is taken up
 */
public record PostgresPlace(String url, String user, CredentialSource password) {
  private static final String PREFIX = "jdbc:postgresql://";

  /** {@code HOST:PORT/DATABASE}. */
  @Override
  public String toString() {
    int query = url.indexOf('?');
    return (query < 0 ? url : url.substring(0, query)).substring(PREFIX.length());
  }
}
