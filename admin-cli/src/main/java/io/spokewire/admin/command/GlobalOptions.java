package io.spokewire.admin.command;

import io.spokewire.admin.output.OutputFormat;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every command takes, before or after its name. Filled by picocli before a command runs. */
public final class GlobalOptions {
  @Option(
      names = "--profile",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "Who and where the hub is: the admin.yaml that hub-server init wrote. Default:"
              + " $SYNCADM_PROFILE, else ~/.config/syncadm/profile.yaml.")
  private @Nullable Path profile;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      scope = ScopeType.INHERIT,
      description = "How to print the answer: table (default), json or csv.")
  private OutputFormat output = OutputFormat.TABLE;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show what the command does and takes.")
  private boolean help;

  Optional<Path> profile() {
    return Optional.ofNullable(profile);
  }

  OutputFormat output() {
    return output;
  }

  /** Whether only help was asked for. */
  boolean help() {
    return help;
  }
}
