package io.spokewire.admin.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class SpansTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  @Test
  void spansHaveAUnit() {
    assertThat(Spans.span("500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(Spans.span("60s")).isEqualTo(Duration.ofMinutes(1));
    assertThat(Spans.span("5m")).isEqualTo(Duration.ofMinutes(5));
    assertThat(Spans.span("2h")).isEqualTo(Duration.ofHours(2));
    assertThat(Spans.span("7d")).isEqualTo(Duration.ofDays(7));
    assertThatThrownBy(() -> Spans.span("60")).hasMessageContaining("such as 60s");
    assertThatThrownBy(() -> Spans.span("-1s")).hasMessageContaining("such as 60s");
  }

  @Test
  void pointsAreAgoOrAbsolute() {
    assertThat(Spans.point("1h", NOW)).isEqualTo("2026-11-22T09:00:00Z");
    assertThat(Spans.point("2026-11-21", NOW)).isEqualTo("2026-11-21T00:00:00Z");
    assertThat(Spans.point("2026-11-21T08:30", NOW)).isEqualTo("2026-11-21T08:30:00Z");
    assertThat(Spans.point("2026-11-21T08:30:00Z", NOW)).isEqualTo("2026-11-21T08:30:00Z");
    assertThat(Spans.point("2026-11-21T08:30:00+02:00", NOW)).isEqualTo("2026-11-21T06:30:00Z");
    assertThatThrownBy(() -> Spans.point("yesterday", NOW)).hasMessageContaining("7d");
  }
}
