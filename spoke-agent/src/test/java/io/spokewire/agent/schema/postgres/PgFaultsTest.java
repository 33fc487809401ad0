package io.spokewire.agent.schema.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PgFaultsTest {
  @ParameterizedTest
  @ValueSource(strings = {"08006", "57P01", "57P03", "53300", "55006", "55P03", "40001", "40P01"})
  void whatPassesHealsByItself(String state) {
    assertThat(PgFaults.of("read", "here", new SQLException("no", state)).healsByItself()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"28P01", "42501", "42P01", "XX000"})
  void whatSomebodyMustMendDoesNot(String state) {
    assertThat(PgFaults.of("read", "here", new SQLException("no", state)).healsByItself())
        .isFalse();
  }
}
