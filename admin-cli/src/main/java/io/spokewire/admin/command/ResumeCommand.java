package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code syncadm topology resume}. */
@Command(
    name = "resume",
    description = "Lets a paused site go on: what waited on either side flows again.")
public final class ResumeCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Parameters(paramLabel = "NAME", description = "The site.")
  private String name = "";

  public ResumeCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (HubClient hub = door.open(options)) {
      terminal.print(
          new SpokesReport.One(hub.resumeSpoke(name), "is resumed").in(options.output()));
      return 0;
    }
  }
}
