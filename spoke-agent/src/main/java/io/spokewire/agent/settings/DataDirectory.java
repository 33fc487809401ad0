package io.spokewire.agent.settings;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.disk.PrivateFiles;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * The agent's directory, held by one process at a time.
 *
 * <p>Layout: {@code agent.yaml} (settings; its presence says the join is complete), {@code
 * identity/}, {@code secret} (32 bytes, seals our marks in the database), {@code state}, {@code
 * outbox/}, {@code aside/}, {@code spool/}, {@code lock}. Directories are 0700, files 0600; whoever
 * finds them open to others refuses to go on, since the key inside may be known.
 *
 * <p>Not thread-safe; the paths it gives out are.
 */
public final class DataDirectory implements AutoCloseable {
  public static final int SECRET_BYTES = 32;

  private final Path path;
  private final FileChannel lockFile;
  private final boolean fresh;

  private DataDirectory(Path path, FileChannel lockFile, boolean fresh) {
    this.path = path;
    this.lockFile = lockFile;
    this.fresh = fresh;
  }

  /**
   * Takes an existing directory.
   *
   * @throws Fault USAGE if it is not there or another process holds it, REFUSED if others may read
   *     it
   */
  public static DataDirectory open(Path directory) {
    Path path = directory.toAbsolutePath().normalize();
    if (!Files.isDirectory(path)) {
      throw Fault.of(FaultKind.USAGE, "open data directory", "there is no such directory")
          .at(path)
          .hint("spoke-agent join makes it")
          .build();
    }
    return lock(path, false);
  }

  /**
   * Takes a directory for a join: makes it if it is not there, and accepts one that is empty or
   * holds an earlier, unfinished join.
   *
   * @throws Fault as {@link #open}; USAGE if it holds something else
   */
  public static DataDirectory openForJoin(Path directory) {
    Path path = directory.toAbsolutePath().normalize();
    try {
      if (Files.exists(path)) {
        if (!Files.isDirectory(path)) {
          throw Fault.of(FaultKind.USAGE, "make data directory", "it is a file")
              .at(path)
              .hint("choose another --data-dir")
              .build();
        }
        boolean ours =
            Files.exists(path.resolve("agent.yaml")) || Files.exists(path.resolve("lock"));
        if (!ours) {
          try (var entries = Files.list(path)) {
            if (entries.findAny().isPresent()) {
              throw Fault.of(FaultKind.USAGE, "make data directory", "it is not empty and not ours")
                  .at(path)
                  .hint("choose a new --data-dir")
                  .build();
            }
          }
        }
        return lock(path, !ours);
      }
      Path parent = path.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      PrivateFiles.makeDirectory(path);
      return lock(path, true);
    } catch (IOException e) {
      throw Fault.of(FaultKind.USAGE, "make data directory", "it can't be made: " + e)
          .at(path)
          .hint("choose a --data-dir that this user may write to")
          .causedBy(e);
    }
  }

  private static DataDirectory lock(Path path, boolean fresh) {
    refuseIfOpenToOthers(path);
    try {
      for (String name : new String[] {"agent.yaml", "secret", "state", "identity"}) {
        if (Files.exists(path.resolve(name))) {
          refuseIfOpenToOthers(path.resolve(name));
        }
      }
      Path key = path.resolve("identity").resolve("key.pem");
      if (Files.exists(key)) {
        refuseIfOpenToOthers(key);
      }
      FileChannel channel =
          PrivateFiles.lock(path.resolve("lock"))
              .orElseThrow(
                  () ->
                      Fault.of(FaultKind.USAGE, "open data directory", "another agent is using it")
                          .at(path)
                          .hint("stop that agent first, or give this one a directory of its own")
                          .build());
      return new DataDirectory(path, channel, fresh);
    } catch (IOException e) {
      throw Fault.of(FaultKind.USAGE, "open data directory", String.valueOf(e))
          .at(path)
          .hint("check who owns it")
          .causedBy(e);
    }
  }

  private static void refuseIfOpenToOthers(Path path) {
    try {
      Optional<String> open = PrivateFiles.openToOthers(path);
      if (open.isPresent()) {
        throw Fault.of(
                FaultKind.REFUSED, "open data directory", "others may read it (" + open.get() + ")")
            .at(path)
            .hint("chmod " + (Files.isDirectory(path) ? "700 " : "600 ") + path)
            .build();
      }
    } catch (IOException e) {
      throw Fault.of(FaultKind.USAGE, "open data directory", String.valueOf(e))
          .at(path)
          .hint("check who owns it")
          .causedBy(e);
    }
  }

  public Path path() {
    return path;
  }

  /** Whether this process made it or found it empty. */
  public boolean isFresh() {
    return fresh;
  }

  public Path settings() {
    return path.resolve("agent.yaml");
  }

  public Path identity() {
    return path.resolve("identity");
  }

  public Path state() {
    return path.resolve("state");
  }

  public Path secret() {
    return path.resolve("secret");
  }

  public Path outbox() {
    return path.resolve("outbox");
  }

  /** A copy of the tables, where they are polled. */
  public Path copy() {
    return path.resolve("copy.db");
  }

  /** What an earlier life of the spoke left, for people. */
  public Path aside() {
    return path.resolve("aside");
  }

  /** An empty directory for what may be lost at any time. */
  public Path spool() {
    return path.resolve("spool");
  }

  /** The settings in a directory that another process may hold. */
  public static AgentSettings settingsOf(Path directory) {
    Path file = directory.toAbsolutePath().normalize().resolve("agent.yaml");
    if (!Files.exists(file)) {
      throw notJoined(file);
    }
    refuseIfOpenToOthers(file);
    return AgentSettings.read(file);
  }

  /**
   * The plan's tables as the agent of a directory last heard of them, without taking the directory;
   * empty before the first plan.
   */
  public static List<String> patternsOf(Path directory) {
    Path file = directory.toAbsolutePath().normalize().resolve("state");
    return Files.exists(file) ? StateFile.open(file).get().patterns() : List.of();
  }

  private static Fault notJoined(Path file) {
    return Fault.of(FaultKind.USAGE, "read settings", "no spoke has joined from here")
        .at(file)
        .hint("run spoke-agent join first; one that stopped half-way may be repeated")
        .build();
  }

  /** Whether a join was completed here. */
  public boolean isJoined() {
    return Files.exists(settings());
  }

  /** The settings. @throws Fault USAGE with all faults, or if the join was not completed */
  public AgentSettings readSettings() {
    if (!isJoined()) {
      throw notJoined(settings());
    }
    return AgentSettings.read(settings());
  }

  /** Makes a directory below this one, for the owner only. */
  public Path makeDirectory(Path below) {
    try {
      if (!Files.isDirectory(below)) {
        PrivateFiles.makeDirectory(below);
        DurableFile.syncDirectory(path);
      }
      return below;
    } catch (IOException e) {
      throw DurableFile.failed("make", below, e);
    }
  }

  /** The sealing secret; made the first time it is asked for. */
  public Bytes readOrMakeSecret(SecureRandom random) {
    try {
      return checked(Files.readAllBytes(secret()));
    } catch (NoSuchFileException e) {
      byte[] secret = new byte[SECRET_BYTES];
      random.nextBytes(secret);
      DurableFile.write(secret(), secret);
      return Bytes.wrap(secret);
    } catch (IOException e) {
      throw DurableFile.failed("read", secret(), e);
    }
  }

  /** The sealing secret that the join made. @throws Fault USAGE if it is gone */
  public Bytes readSecret() {
    try {
      return checked(Files.readAllBytes(secret()));
    } catch (IOException e) {
      throw Fault.of(FaultKind.USAGE, "read secret", "the sealing secret can't be read: " + e)
          .at(secret())
          .hint("restore it from a backup: without it the agent can't tell its own marks")
          .causedBy(e);
    }
  }

  private Bytes checked(byte[] secret) {
    if (secret.length != SECRET_BYTES) {
      throw Fault.of(FaultKind.USAGE, "read secret", "it has " + secret.length + " bytes, not 32")
          .at(secret())
          .hint("restore it from a backup")
          .build();
    }
    return Bytes.wrap(secret);
  }

  /** Deletes everything below, for a join that made nothing else. */
  public void deleteAll() {
    try (var walk = Files.walk(path)) {
      for (Path each : walk.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw DurableFile.failed("delete", path, e);
    }
  }

  /** Lets another process have it. */
  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw DurableFile.failed("close", path.resolve("lock"), e);
    }
  }
}
