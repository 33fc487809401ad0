package io.spokewire.agent.settings;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Replaces small files so that a crash leaves the old content or the new one, never less. Files are
 * for their owner only (0600). Safe from any thread for different files.
 */
public final class DurableFile {
  static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  static final FileAttribute<Set<PosixFilePermission>> OWNER_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private DurableFile() {}

  /** Writes, forces to disk, renames over {@code file}, and forces the directory. */
  public static void write(Path file, byte[] content) {
    Path directory = directoryOf(file);
    Path draft = directory.resolve(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(draft);
      try (FileChannel channel =
          FileChannel.open(
              draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_FILE)) {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncDirectory(directory);
    } catch (IOException e) {
      throw failed("write", file, e);
    }
  }

  /** Makes renames and new names in a directory durable. */
  public static void syncDirectory(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      throw failed("sync", directory, e);
    }
  }

  /** The directory that a file or directory of ours lies in. */
  public static Path directoryOf(Path file) {
    Path parent = file.toAbsolutePath().normalize().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
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
