package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code syncadm topology remove-spoke}. */
@Command(
    name = "remove-spoke",
    description = {
      "Takes a site out: its agent is cut off and its certificate opens nothing any more.",
      "Its data stays as it is. To bring it back, add it again."
    })
public final class RemoveSpokeCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Parameters(paramLabel = "NAME", description = "The site.")
  private String name = "";

  public RemoveSpokeCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    try (HubClient hub = door.open(options)) {
      hub.removeSpoke(name);
    }
    terminal.print(
        switch (options.output()) {
          case TABLE ->
              name
                  + " is removed. Stop its agent; what it made in its database goes with:\n"
                  + cleanup(name);
          case JSON -> Json.pretty(Json.object().put("removed", name));
          case CSV -> new Csv("removed").row(name).render();
        });
    return 0;
  }

  /** The slot first: as long as it is there, the server keeps all its log. */
  private static String cleanup(String spoke) {
    String own = "spokewire_" + spoke.replace('-', '_');
    return "  SELECT pg_drop_replication_slot('%s');\n".formatted(own)
        + "  DROP PUBLICATION IF EXISTS %s;\n".formatted(own)
        + "  DROP SCHEMA IF EXISTS spokewire CASCADE;\n";
  }
}
