package io.spokewire.hub.log;

import static io.spokewire.hub.testing.Samples.BEGINNING;
import static io.spokewire.hub.testing.Samples.INCARNATION;
import static io.spokewire.hub.testing.Samples.at;
import static io.spokewire.hub.testing.Samples.insert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.ChannelId;
import io.spokewire.hub.log.rocksdb.RocksHubStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksHubStoreTest extends HubStoreContract {
  @TempDir Path directory;

  @Override
  HubStore create() {
    return open(directory);
  }

  /** Closing syncs nothing that a crash would have lost, but for the page cache: see the kill. */
  @Override
  HubStore afterCrash(HubStore before) {
    before.close();
    return open(directory);
  }

  @Test
  void everyCommitThatReturnedSurvivesAKilledProcess(@TempDir Path other) throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                "--enable-native-access=ALL-UNNAMED",
                Committing.class.getName(),
                other.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    long said = 0;
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      while (said < 50) {
        said = Long.parseLong(out.readLine());
      }
    } finally {
      process.destroyForcibly().waitFor();
    }

    try (HubStore reopened = open(other)) {
      assertThat(reopened.head().number()).isGreaterThanOrEqualTo(said);
      assertThat(entries(reopened, BEGINNING)).hasSize((int) reopened.head().number());
    }
  }

  @Test
  void aGarbledRecordIsAFaultAndNotSkipped() throws Exception {
    for (int i = 1; i <= 200; i++) {
      commit(List.of(outcome(i, insert(i, "row " + i))));
    }
    store.close();
    garble(directory);

    assertThatThrownBy(
            () -> {
              store = open(directory);
              entries(store, BEGINNING);
            })
        .isInstanceOf(Fault.class)
        .matches(e -> !((Fault) e).healsByItself());
  }

  @Test
  void aSecondProcessIsRefused() {
    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("another process");
  }

  @Test
  void anotherChannelIsRefused() {
    store.close();
    assertThatThrownBy(
            () -> RocksHubStore.open(directory, new ChannelId("other"), () -> INCARNATION))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("channel");
  }

  @Test
  void theIncarnationIsKept() {
    store.close();
    store =
        RocksHubStore.open(
            directory,
            ChannelId.MAIN,
            () -> {
              throw new AssertionError("it has a name already");
            });
    assertThat(store.head().incarnation()).isEqualTo(INCARNATION);
  }

  private static HubStore open(Path directory) {
    return RocksHubStore.open(directory, ChannelId.MAIN, () -> INCARNATION);
  }

  /** Flips a bit in the middle of the largest file that holds entries. */
  private static void garble(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      Path largest =
          files
              .filter(f -> f.toString().endsWith(".sst") || f.toString().endsWith(".log"))
              .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
              .orElseThrow();
      byte[] content = Files.readAllBytes(largest);
      content[content.length / 2] ^= 1;
      Files.write(largest, content);
    }
  }

  /** Commits one entry after the other and says so, until it is killed. */
  static final class Committing {
    public static void main(String[] args) {
      HubStore store = open(Path.of(args[0]));
      for (long i = 1; ; i++) {
        store.commit(
            new HubStore.LogGroup(
                List.of(outcome(i, insert((int) i, "row"))), List.of(), Map.of(), List.of()));
        System.out.println(at(i).number());
        System.out.flush();
      }
    }
  }
}
