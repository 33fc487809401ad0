package io.spokewire.deploy.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the three programs are started: from a distribution, or from this program's class path. */
public record Programs(List<String> hub, List<String> agent, List<String> syncadm) {
  public Programs {
    hub = List.copyOf(hub);
    agent = List.copyOf(agent);
    syncadm = List.copyOf(syncadm);
  }

  /** The launchers of an unpacked distribution. */
  public static Programs ofDistribution(Path home) {
    return new Programs(
        List.of(home.resolve("bin/hub-server").toString()),
        List.of(home.resolve("bin/spoke-agent").toString()),
        List.of(home.resolve("bin/syncadm").toString()));
  }

  /** The main classes on this program's class path, with this program's Java. */
  public static Programs ofClassPath(Path jvmOptions) {
    return ofClassPath(jvmOptions, "256m", "256m");
  }

  /** As {@link #ofClassPath(Path)}, with heaps of at most these sizes, such as {@code 128m}. */
  public static Programs ofClassPath(Path jvmOptions, String hubHeap, String agentHeap) {
    return new Programs(
        java(jvmOptions, hubHeap, "io.spokewire.hub.HubMain"),
        java(jvmOptions, agentHeap, "io.spokewire.agent.AgentMain"),
        java(jvmOptions, "256m", "io.spokewire.admin.AdminMain"));
  }

  private static List<String> java(Path jvmOptions, String heap, String mainClass) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + jvmOptions);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx" + heap));
    command.add("-Dspokewire.test.log=INFO"); // what a user would see, whatever tests do
    command.add("@" + classPathFile());
    command.add(mainClass);
    return command;
  }

  /** An argument file: a class path may be longer than a command line. */
  private static Path classPathFile() {
    try {
      Path file = Files.createTempFile("spokewire-class-path", ".args");
      file.toFile().deleteOnExit();
      return Files.writeString(
          file, "-cp\n\"" + System.getProperty("java.class.path").replace("\\", "\\\\") + "\"\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
