package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code syncadm topology pause}. */
@Command(
    name = "pause",
    description = {
      "Holds a site: no data goes to it or comes from it, until it is resumed.",
      "Its agent goes on capturing into its own queue, so nothing is lost.",
      "When the command returns, the pause is in force and outlives a restart."
    })
public final class PauseCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Parameters(paramLabel = "NAME", description = "The site.")
  private String name = "";

  public PauseCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (HubClient hub = door.open(options)) {
      terminal.print(new SpokesReport.One(hub.pauseSpoke(name), "is paused").in(options.output()));
      return 0;
    }
  }
}
