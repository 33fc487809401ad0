package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import io.spokewire.common.id.Direction;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syncadm topology add-spoke}. */
@Command(
    name = "add-spoke",
    description = {
      "Registers a site and prints the command that joins it.",
      "The token in it works once, for this site only, and is not shown again."
    },
    footer = {"", "Example:", "  syncadm topology add-spoke lisbon --ttl 2h"})
public final class AddSpokeCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Parameters(
      paramLabel = "NAME",
      description = "A lower-case letter, then letters, digits, hyphens or underscores.")
  private String name = "";

  @Option(
      names = "--direction",
      paramLabel = "WAY",
      defaultValue = "both",
      description = "both (default), push (only sends) or pull (only receives).")
  private Direction direction = Direction.BOTH;

  @Option(
      names = "--channel",
      paramLabel = "CHANNEL",
      defaultValue = "",
      description = "The set of tables that share one order; the default is main.")
  private String channel = "";

  @Option(
      names = "--ttl",
      paramLabel = "SPAN",
      defaultValue = "1h",
      description = "How long the token is valid: 30m, 1h (default), 7d.")
  private Duration ttl = Duration.ofHours(1);

  public AddSpokeCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (ttl.toSeconds() < 1) {
      throw Usage.fault("add spoke", "a token must be valid for a second at least", "--ttl 1h");
    }
    try (HubClient hub = door.open(options)) {
      InvitationReport report =
          new InvitationReport(hub.addSpoke(name, direction.label(), channel, ttl));
      terminal.print(report.in(options.output()));
      return 0;
    }
  }
}
