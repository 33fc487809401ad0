package io.spokewire.hub.settings;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hub's directory: its files, who may read them, and the lock that keeps a second hub out.
 * Holds private keys, so it is 0700 and its files are 0600. Owned by one process from {@link #open}
 * or {@link #create} until {@link #close}.
 */
public final class DataDirectory implements AutoCloseable {
  private static final Set<PosixFilePermission> OWNER_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OWNER_FILE =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.GROUP_EXECUTE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE,
          PosixFilePermission.OTHERS_EXECUTE);

  /** There from the first to the last moment of init: what it stands beside is not whole. */
  private static final String UNFINISHED = "init.unfinished";

  private static final String LOCK = "lock";

  private final Path root;
  private final FileChannel lockChannel;

  private DataDirectory(Path root, FileChannel lockChannel) {
    this.root = root;
    this.lockChannel = lockChannel;
  }

  /** Makes the directory's files; whatever it throws, nothing of them stays. */
  public interface Filling {
    void fill(DataDirectory directory);
  }

  /**
   * Makes the directory, or takes an empty one, and fills it. What a broken-off init left is
   * removed first.
   *
   * @throws Fault USAGE if there is anything in it
   */
  public static void create(Path root, Filling filling) {
    boolean made = !Files.exists(root);
    try {
      Files.createDirectories(root);
      if (Files.exists(root.resolve(UNFINISHED))) {
        empty(root);
      }
      if (!isEmpty(root)) {
        throw Fault.of(FaultKind.USAGE, "init", "the directory is not empty")
            .at(root)
            .hint("choose another --data-dir; a hub is set up once")
            .build();
      }
    } catch (NotDirectoryException | FileAlreadyExistsException e) {
      throw Fault.of(FaultKind.USAGE, "init", "this is not a directory").at(root).causedBy(e);
    } catch (IOException e) {
      throw unusable("init", root, e);
    }
    boolean filled = false;
    try {
      restrict(root, OWNER_DIRECTORY);
      Files.createFile(root.resolve(UNFINISHED));
      try (DataDirectory directory = new DataDirectory(root, lock(root))) {
        filling.fill(directory);
      }
      Files.delete(root.resolve(UNFINISHED));
      filled = true;
    } catch (IOException e) {
      throw unusable("init", root, e);
    } finally {
      if (!filled) {
        removeAll(root, made);
      }
    }
  }

  /**
   * Opens the directory of a hub that was set up.
   *
   * @throws Fault USAGE if it was not, or if another process has it open; REFUSED if others than
   *     its owner may look into it
   */
  public static DataDirectory open(Path root) {
    if (!Files.isRegularFile(root.resolve("hub.yaml")) || Files.exists(root.resolve(UNFINISHED))) {
      throw Fault.of(FaultKind.USAGE, "open data directory", "no hub was set up here")
          .at(root)
          .hint("run `hub-server init --data-dir " + root + "` first")
          .build();
    }
    try {
      demandPrivate(root, "chmod 700 " + root);
      try (Stream<Path> files = Files.list(root.resolve("tls"))) {
        for (Path file : files.toList()) {
          demandPrivate(file, "chmod 600 " + file);
        }
      }
      return new DataDirectory(root, lock(root));
    } catch (IOException e) {
      throw unusable("open data directory", root, e);
    }
  }

  public Path settings() {
    return root.resolve("hub.yaml");
  }

  public Path adminProfile() {
    return root.resolve("admin.yaml");
  }

  public Path topology() {
    return root.resolve("topology.db");
  }

  public Path audit() {
    return root.resolve("audit.db");
  }

  public Path log() {
    return root.resolve("log");
  }

  /** The authority's key and certificate, PEM. */
  public Path authority() {
    return root.resolve("tls").resolve("ca.pem");
  }

  /** The hub's own key and certificate, PEM. */
  public Path hubCertificate() {
    return root.resolve("tls").resolve("hub.pem");
  }

  public Path root() {
    return root;
  }

  /**
   * Writes a file that its owner alone may read: whole or not at all, and on disk at the return.
   */
  public void write(Path file, String text) {
    Path directory = file.getParent() == null ? root : file.getParent();
    Path fresh = directory.resolve(file.getFileName() + ".new");
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
        restrict(directory, OWNER_DIRECTORY);
      }
      Files.deleteIfExists(fresh);
      Files.createFile(fresh);
      restrict(fresh, OWNER_FILE);
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true); // the rename itself
      }
    } catch (IOException e) {
      throw unusable("write", file, e);
    }
  }

  public String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw unusable("read", file, e);
    }
  }

  /** Lets another process have the directory. */
  @Override
  public void close() {
    try {
      lockChannel.close();
    } catch (IOException e) {
      throw unusable("close data directory", root, e);
    }
  }

  private static FileChannel lock(Path root) throws IOException {
    FileChannel channel =
        FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by this very process: the same answer as below.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw Fault.of(FaultKind.USAGE, "open data directory", "another hub-server is using it")
          .at(root)
          .hint("stop the other one first")
          .build();
    }
    restrict(root.resolve(LOCK), OWNER_FILE);
    return channel;
  }

  private static void demandPrivate(Path path, String remedy) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (view == null) {
      return; // no such permissions on this file system
    }
    Set<PosixFilePermission> permissions = view.readAttributes().permissions();
    if (permissions.stream().anyMatch(OTHERS::contains)) {
      throw Fault.of(
              FaultKind.REFUSED,
              "open data directory",
              "others may read it ("
                  + PosixFilePermissions.toString(permissions)
                  + "), and it holds private keys")
          .at(path)
          .hint(remedy)
          .build();
    }
  }

  private static void restrict(Path path, Set<PosixFilePermission> permissions) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (view != null) {
      view.setPermissions(permissions);
    }
  }

  private static boolean isEmpty(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      return files.findAny().isEmpty();
    }
  }

  private static void removeAll(Path root, boolean rootToo) {
    try {
      empty(root);
      if (rootToo) {
        Files.delete(root);
      }
    } catch (IOException e) {
      // The marker of an unfinished init goes last, so the next init starts over.
    }
  }

  private static void empty(Path root) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(root)) {
      deepestFirst =
          files
              .filter(file -> !file.equals(root) && !file.equals(root.resolve(UNFINISHED)))
              .sorted(Comparator.reverseOrder())
              .toList();
    }
    for (Path file : deepestFirst) {
      Files.delete(file);
    }
    Files.deleteIfExists(root.resolve(UNFINISHED));
  }

  private static Fault unusable(String operation, Path path, IOException e) {
    return Fault.of(
            FaultKind.USAGE, operation, e.getClass().getSimpleName() + ": " + e.getMessage())
        .at(path)
        .hint("check that the path exists, has room, and belongs to the user hub-server runs as")
        .causedBy(e);
  }
}
