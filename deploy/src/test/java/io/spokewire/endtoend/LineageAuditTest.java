package io.spokewire.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The judge of {@link LineageTest} sees what it is there to see. */
class LineageAuditTest {
  private final LineageAudit audit = new LineageAudit();

  @Test
  void writesOfWhichNeitherHadSeenTheOtherAreAConflict() throws Exception {
    audit.conflict(conflict("base,lisbon-1", "base,porto-1"));
    assertThat(audit.conflicts()).isEqualTo(1);
    assertThat(audit.falseConflicts()).isEmpty();
  }

  @Test
  void aWriteOnTopOfTheOtherIsNone() throws Exception {
    audit.conflict(conflict("base,lisbon-1,porto-1", "base,lisbon-1"));
    audit.conflict(conflict("base", "base,porto-2"));
    assertThat(audit.falseConflicts()).hasSize(2);
  }

  @Test
  void aWriteIsLostThatNeitherItsRowNorARecordNames() throws Exception {
    audit.row(7, "base,lisbon-1");
    audit.conflict(conflict("base,lisbon-1", "base,porto-1"));
    assertThat(audit.lost(Map.of("lisbon-1", 7, "porto-1", 7))).isEmpty();
    assertThat(audit.lost(Map.of("faro-1", 7))).containsExactly("faro-1 to row 7");
    assertThat(audit.lost(Map.of("lisbon-1", 8))).as("of another row").isNotEmpty();
  }

  private static JsonNode conflict(String arriving, String met) throws Exception {
    return new ObjectMapper()
        .readTree(
            """
            {"key": {"id": 7}, "source_value": "%1$s", "target_value": "%2$s",
             "siblings": [{"value": "%1$s"}, {"value": "%2$s"}]}
            """
                .formatted(arriving, met));
  }
}
