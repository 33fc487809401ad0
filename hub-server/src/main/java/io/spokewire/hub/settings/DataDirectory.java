package io.spokewire.hub.settings;

import io.spokewire.common.credential.CredentialUri;
import io.spokewire.common.disk.PrivateFiles;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The hub's directory: its files, who may read them, and the lock that keeps a second hub out.
 * Holds private keys, so it is 0700 and its files are 0600. Owned by one process from {@link #open}
 * or {@link #create} until {@link #close}.
 */
public final class DataDirectory implements AutoCloseable {
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
      PrivateFiles.restrictDirectory(root);
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

  /**
   * Refuses a file with a password that others than its owner may read.
   *
   * @throws Fault REFUSED
   */
  public void demandPrivate(CredentialUri credentials) {
    if (credentials.scheme() != CredentialUri.Scheme.FILE) {
      return;
    }
    Path file = Path.of(credentials.rest());
    try {
      Optional<String> open =
          Files.exists(file) ? PrivateFiles.openToOthers(file) : Optional.empty();
      if (open.isPresent()) {
        throw Fault.of(
                FaultKind.REFUSED,
                "read credentials",
                "others may read it (" + open.get() + "), and it holds a password")
            .at(file)
            .hint("chmod 600 " + file)
            .build();
      }
    } catch (IOException e) {
      throw unusable("read credentials", file, e);
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
    Path directory = PrivateFiles.directoryOf(file);
    try {
      if (!Files.isDirectory(directory)) {
        PrivateFiles.makeDirectory(directory);
      }
      PrivateFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
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
    return PrivateFiles.lock(root.resolve(LOCK))
        .orElseThrow(
            () ->
                Fault.of(FaultKind.USAGE, "open data directory", "another hub-server is using it")
                    .at(root)
                    .hint("stop the other one first")
                    .build());
  }

  private static void demandPrivate(Path path, String remedy) throws IOException {
    Optional<String> open = PrivateFiles.openToOthers(path);
    if (open.isPresent()) {
      throw Fault.of(
              FaultKind.REFUSED,
              "open data directory",
              "others may read it (" + open.get() + "), and it holds private keys")
          .at(path)
          .hint(remedy)
          .build();
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
