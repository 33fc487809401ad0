package io.spokewire.agent.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.agent.settings.AgentSettings.Method;
import io.spokewire.common.credential.CredentialUri;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.common.id.TableName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PollSettingsTest {
  @TempDir Path directory;

  private static AgentSettings settings(Direction direction, PollSettings polling) {
    return new AgentSettings(
        new SpokeId("faro"),
        HubAddress.parse("hub:7400"),
        ChannelId.MAIN,
        direction,
        DatabaseSettings.ofJdbcUrl(
            "jdbc:mariadb://localhost/shop",
            "spokewire",
            CredentialUri.parse("env:PASSWORD"),
            DatabaseSettings.Ssl.PREFERRED),
        new CaptureSettings(Method.POLLING, "spokewire_faro", "spokewire_faro", polling),
        WalPressure.DEFAULT,
        false,
        true);
  }

  private AgentSettings reread(String yaml) throws Exception {
    return AgentSettings.read(Files.writeString(directory.resolve("agent.yaml"), yaml));
  }

  @Test
  void readsWhatItWrites() throws Exception {
    for (PollSettings polling :
        new PollSettings[] {
          PollSettings.DEFAULT,
          new PollSettings(
              "changed",
              Map.of("orders", "changed_at"),
              Duration.ofMillis(250),
              Duration.ofHours(2),
              Optional.of(ZoneId.of("Europe/Lisbon")),
              Optional.of(Duration.ofMinutes(90)))
        }) {
      AgentSettings settings = settings(Direction.PUSH, polling);
      assertThat(settings.toYaml()).doesNotContain("wal_pressure");
      assertThat(reread(settings.toYaml())).isEqualTo(settings);
    }
  }

  @Test
  void knowsTheColumnOfEachTable() {
    PollSettings polling =
        new PollSettings(
            "updated_at",
            Map.of("orders", "changed_at"),
            Duration.ofSeconds(5),
            Duration.ofMinutes(10),
            Optional.empty(),
            Optional.empty());
    assertThat(polling.keyOf(new TableName("orders"))).isEqualTo("changed_at");
    assertThat(polling.keyOf(new TableName("items"))).isEqualTo("updated_at");
  }

  @Test
  void isNotForSpokesThatReceive() {
    for (Direction direction : new Direction[] {Direction.BOTH, Direction.PULL}) {
      assertThatThrownBy(() -> reread(settings(direction, PollSettings.DEFAULT).toYaml()))
          .isInstanceOf(Fault.class)
          .hasMessageContaining("polling is for spokes that only send");
    }
  }

  @Test
  void saysWhatIsNoTimeZone() {
    String yaml = settings(Direction.PUSH, PollSettings.DEFAULT).toYaml();
    assertThatThrownBy(() -> reread(yaml.replace("interval:", "time_zone: Lisbon\n    interval:")))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("'Lisbon' is no time zone");
  }
}
