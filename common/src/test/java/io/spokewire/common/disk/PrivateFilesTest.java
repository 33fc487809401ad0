package io.spokewire.common.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {
  @TempDir Path root;

  @Test
  void whatIsMadeIsForTheOwnerAlone() throws IOException {
    Path directory = root.resolve("data");
    PrivateFiles.makeDirectory(directory);
    PrivateFiles.write(directory.resolve("key"), new byte[] {1});
    try (FileChannel lock = PrivateFiles.lock(directory.resolve("lock")).orElseThrow()) {
      assertThat(lock.isOpen()).isTrue();
      assertThat(modeOf(directory)).isEqualTo("rwx------");
      assertThat(modeOf(directory.resolve("key"))).isEqualTo("rw-------");
      assertThat(modeOf(directory.resolve("lock"))).isEqualTo("rw-------");
    }
  }

  @Test
  void whatOthersMayReadIsNoticedAndADirectoryCanBeClosedToThem() throws IOException {
    assertThat(PrivateFiles.openToOthers(root)).isEmpty();
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-x---"));
    assertThat(PrivateFiles.openToOthers(root)).contains("rwxr-x---");
    PrivateFiles.restrictDirectory(root);
    assertThat(PrivateFiles.openToOthers(root)).isEmpty();
  }

  @Test
  void aFileIsReplacedWholeAndADraftOfACrashIsNoHindrance() throws IOException {
    Path file = root.resolve("state");
    PrivateFiles.write(file, "old".getBytes());
    Files.writeString(root.resolve("state.new"), "half");
    PrivateFiles.write(file, "new and longer".getBytes());
    assertThat(file).hasContent("new and longer");
    assertThat(root.resolve("state.new")).doesNotExist();
    assertThatThrownBy(() -> PrivateFiles.write(root.resolve("gone/state"), new byte[0]))
        .isInstanceOf(IOException.class);
    assertThat(file).hasContent("new and longer");
  }

  @Test
  void aLockIsHadOnceAndFreeAgainWhenItIsClosed() throws IOException {
    Path file = root.resolve("lock");
    FileChannel held = PrivateFiles.lock(file).orElseThrow();
    assertThat(PrivateFiles.lock(file)).isEmpty();
    held.close();
    PrivateFiles.lock(file).orElseThrow().close();
  }

  private static String modeOf(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
