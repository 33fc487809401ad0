package io.spokewire.admin;

import io.spokewire.admin.command.Pace;
import io.spokewire.admin.command.ProfileDoor;
import io.spokewire.admin.command.SyncadmCommandLine;
import io.spokewire.admin.command.Terminal;
import io.spokewire.common.clock.TimeSource;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.logging.LogManager;

/** {@code syncadm}: one command, one answer, one exit code. */
public final class AdminMain {
  private static final Duration WATCH_EVERY = Duration.ofSeconds(2);

  private AdminMain() {}

  public static void main(String[] arguments) {
    // Libraries that log through the JDK would write between our lines.
    LogManager.getLogManager().reset();
    Console console = System.console();
    Terminal terminal =
        new Terminal(
            writer(FileDescriptor.out),
            writer(FileDescriptor.err),
            console != null && console.isTerminal());
    ProfileDoor door =
        new ProfileDoor(System.getenv(), Path.of(System.getProperty("user.home")), terminal);
    Pace pace =
        () -> {
          Thread.sleep(WATCH_EVERY);
          return true;
        };
    System.exit(new SyncadmCommandLine(terminal, door, TimeSource.SYSTEM, pace).run(arguments));
  }

  /** UTF-8 whatever the locale says: tables are drawn with it, and JSON is UTF-8. */
  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8));
  }
}
