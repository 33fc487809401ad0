package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code syncadm topology show}. */
@Command(
    name = "show",
    description = "Everything the hub knows of one site: state, position, tables, problems.")
public final class ShowSpokeCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Parameters(paramLabel = "NAME", description = "The site.")
  private String name = "";

  public ShowSpokeCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (HubClient hub = door.open(options)) {
      terminal.print(new SpokeReport(hub.spoke(name)).in(options.output()));
      return 0;
    }
  }
}
