package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.client.Ruling;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syncadm conflicts decide}. */
@Command(
    name = "decide",
    description = {
      "Settles an open case. What you say is written at every site, and wins over all that was",
      "written before; what a site writes without having seen it is a new conflict."
    },
    footer = {
      "",
      "Examples:",
      "  syncadm conflicts list --state open",
      "  syncadm conflicts decide 12 --value ann@example.com --reason 'asked her'",
      "  syncadm conflicts decide 13 --target",
      "  syncadm conflicts decide 14 --value '{\"email\": \"ann2@example.com\"}'   (a row)"
    })
public final class ConflictsDecideCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Parameters(paramLabel = "ID", description = "As 'conflicts list' shows it.")
  private long id;

  @ArgGroup(multiplicity = "1")
  private Choice choice = new Choice();

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept in the audit.")
  private String reason = "";

  /** One of them. */
  static final class Choice {
    @Option(
        names = "--value",
        paramLabel = "V",
        description =
            "This value. Of a row that was taken out: a JSON object of the columns to change in"
                + " it, {} for none.")
    private @Nullable String value;

    @Option(names = "--null", description = "NULL; of a row: no row.")
    private boolean isNull;

    @Option(names = "--source", description = "What the arriving write said.")
    private boolean source;

    @Option(names = "--target", description = "What the write that it met said.")
    private boolean target;

    @Option(names = "--keep", description = "What it is now.")
    private boolean keep;

    Ruling.Choice made() {
      if (value != null) {
        return new Ruling.Choice.Value(value);
      }
      if (isNull) {
        return new Ruling.Choice.Null();
      }
      return keep ? new Ruling.Choice.Keep() : new Ruling.Choice.Side(source);
    }
  }

  public ConflictsDecideCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (id < 1) {
      throw Usage.fault("decide conflict", "there is no conflict " + id, "ids begin at 1");
    }
    try (HubClient hub = door.open(options)) {
      List<Ruling> decided = hub.decide(id, choice.made(), reason);
      terminal.print(new RulingReport(decided, "decided").in(options.output()));
      return 0;
    }
  }
}
