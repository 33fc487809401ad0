package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code syncadm topology list}. */
@Command(
    name = "list",
    description = {
      "Lists the sites with their states:",
      "  joining       not live yet: its agent has not joined, or its data must be loaded",
      "  live          sends and receives",
      "  lagging       more than a minute behind",
      "  offline       its agent is not connected",
      "  paused        held by an operator",
      "  parked        rows could not be applied and wait for a decision",
      "  fenced        a copy of its agent showed up",
      "  needs_resync  its database went back in time or lost its log"
    })
public final class ListSpokesCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  public ListSpokesCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (HubClient hub = door.open(options)) {
      terminal.print(new SpokesReport(hub.spokes()).in(options.output()));
      return 0;
    }
  }
}
