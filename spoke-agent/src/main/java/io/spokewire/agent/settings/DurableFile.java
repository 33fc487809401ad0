package io.spokewire.agent.settings;

import io.spokewire.common.disk.PrivateFiles;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Path;

/** The agent's own files, with what their failures mean: most heal when there is space again. */
public final class DurableFile {
  private DurableFile() {}

  /** Replaces a file, for the owner only: whole or not at all, and on disk at the return. */
  public static void write(Path file, byte[] content) {
    try {
      PrivateFiles.write(file, content);
    } catch (IOException e) {
      throw failed("write", file, e);
    }
  }

  /** Makes renames and new names in a directory durable. */
  public static void syncDirectory(Path directory) {
    try {
      PrivateFiles.sync(directory);
    } catch (IOException e) {
      throw failed("sync", directory, e);
    }
  }

  /** The directory that a file or directory of ours lies in. */
  public static Path directoryOf(Path file) {
    return PrivateFiles.directoryOf(file);
  }

  /** A failure of the disk under one of our files; it heals when space or rights are back. */
  public static Fault failed(String what, Path path, IOException cause) {
    return Fault.of(FaultKind.INTERNAL, what + " file", String.valueOf(cause.getMessage()))
        .at(path)
        .hint("check free space and permissions")
        .healsByItself()
        .causedBy(cause);
  }
}
