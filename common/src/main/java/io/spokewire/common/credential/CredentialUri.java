package io.spokewire.common.credential;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A credential as settings name it: {@code file:PATH}, {@code env:NAME} or {@code exec:COMMAND}.
 * Holds no secret, so it may be printed.
 *
 * @param scheme how the password is had
 * @param rest the path, variable or command
 */
public record CredentialUri(Scheme scheme, String rest) {
  private static final int LONGEST = 64 * 1024;
  private static final int COMMAND_SECONDS = 30;

  /** The ways known. */
  public enum Scheme {
    /** The first line of a file. */
    FILE,
    /** An environment variable. */
    ENV,
    /** The first line that a shell command prints. */
    EXEC;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException saying what is allowed
   */
  public static CredentialUri parse(String text) {
    int colon = text.indexOf(':');
    String rest = colon < 0 ? "" : text.substring(colon + 1);
    for (Scheme scheme : Scheme.values()) {
      if (colon > 0 && scheme.label().equals(text.substring(0, colon)) && !rest.isBlank()) {
        return new CredentialUri(scheme, rest);
      }
    }
    throw new IllegalArgumentException(
        "credentials must be file:PATH, env:NAME or exec:COMMAND"
            + (colon > 0 ? "" : ", never the password itself"));
  }

  /**
   * The same with a relative file path made absolute, so that it holds wherever the program runs.
   */
  public CredentialUri absolute() {
    return scheme == Scheme.FILE
        ? new CredentialUri(scheme, Path.of(rest).toAbsolutePath().normalize().toString())
        : this;
  }

  /**
   * The source behind it.
   *
   * @param environment looks up an environment variable; null if it is not set
   */
  public CredentialSource source(UnaryOperator<@Nullable String> environment) {
    return switch (scheme) {
      case FILE -> this::fromFile;
      case ENV -> () -> fromEnvironment(environment);
      case EXEC -> this::fromCommand;
    };
  }

  private Secret fromFile() {
    Path path = Path.of(rest);
    try {
      if (Files.size(path) > LONGEST) {
        throw fault("the file is too large for a password", "put only the password in it", null);
      }
      return firstLine(Files.readString(path));
    } catch (IOException e) {
      throw fault("the file can't be read", "check the path and who may read it", e);
    }
  }

  private Secret fromEnvironment(UnaryOperator<@Nullable String> environment) {
    String value = environment.apply(rest);
    if (value == null) {
      throw fault("the variable is not set", "set it for this process", null);
    }
    return new Secret(value);
  }

  private Secret fromCommand() {
    Process process;
    try {
      process =
          new ProcessBuilder("/bin/sh", "-c", rest)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw fault("the command can't be started", "check the command", e);
    }
    try {
      process.getOutputStream().close();
      byte[] printed = process.getInputStream().readNBytes(LONGEST);
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw fault("the command did not end within 30 s", "try it by hand", null);
      }
      if (process.exitValue() != 0) {
        throw fault("the command ended with code " + process.exitValue(), "try it by hand", null);
      }
      return firstLine(new String(printed, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw fault("the command's output can't be read", "try it by hand", e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw fault("interrupted", "", e);
    }
  }

  private Secret firstLine(String text) {
    String line = text.lines().findFirst().orElse("");
    if (line.isEmpty()) {
      throw fault("no password there: the first line is empty", "put the password there", null);
    }
    return new Secret(line);
  }

  private Fault fault(String reason, String hint, @Nullable Exception cause) {
    return Fault.of(FaultKind.USAGE, "read database credentials", reason)
        .at(this)
        .hint(hint)
        .causedBy(cause);
  }

  @Override
  public String toString() {
    return scheme.label() + ":" + rest;
  }
}
