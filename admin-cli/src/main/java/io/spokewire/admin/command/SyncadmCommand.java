package io.spokewire.admin.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The root: global options, and the list of commands in its help. */
@Command(
    name = "syncadm",
    versionProvider = VersionText.class,
    description = "Administers a Spokewire hub: its sites, its plan, its conflicts.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit codes: 0 done; 1 the answer is no; 2 wrong usage or configuration;",
      "3 the hub can't be reached; 4 refused; 5 internal fault.",
      "",
      "Begin with 'syncadm topology add-spoke NAME', then 'syncadm status'."
    })
public final class SyncadmCommand {
  @Mixin private final GlobalOptions options;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  private boolean version;

  public SyncadmCommand(GlobalOptions options) {
    this.options = options;
  }

  /** Whether only the version was asked for. */
  boolean version() {
    return version;
  }

  GlobalOptions options() {
    return options;
  }
}
