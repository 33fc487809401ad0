package io.spokewire.deploy.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process and its children cost, read from Linux's {@code /proc}. */
final class ProcessMeter {
  private static final double TICKS_PER_SECOND = 100; // USER_HZ, fixed in the kernel's interface

  private ProcessMeter() {}

  /** CPU seconds of the process, its live children, and the children it has waited for. */
  static double cpuSeconds(long pid) {
    double own = ticks(pid);
    return (own
            + ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .mapToDouble(child -> ticks(child.pid()))
                .sum())
        / TICKS_PER_SECOND;
  }

  /** Anonymous resident memory in megabytes: heap and native, without mapped files. */
  static double anonymousMegabytes(long pid) {
    return line(pid, "status", "RssAnon:")
        .transform(l -> Double.parseDouble(l.replaceAll("[^0-9]", "")) / 1024);
  }

  private static double ticks(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      double sum = 0;
      for (int i = 11; i <= 14; i++) { // user and system time, own and of children waited for
        sum += Double.parseDouble(fields[i]);
      }
      return sum;
    } catch (IOException e) {
      return 0; // it has ended
    }
  }

  private static String line(long pid, String file, String beginning) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/" + file)).stream()
          .filter(l -> l.startsWith(beginning))
          .findFirst()
          .orElse("0");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
