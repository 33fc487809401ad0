package io.spokewire.agent.apply.postgres;

/**
 * Rows that can't be applied as they are, found by us and not by the server. Never leaves apply.
 */
final class RowRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String sqlState;

  /**
   * @param sqlState the state that the server would have given
   * @param message what is wrong, without values of the row
   */
  RowRefusedException(String sqlState, String message) {
    super(message);
    this.sqlState = sqlState;
  }

  String sqlState() {
    return sqlState;
  }
}
