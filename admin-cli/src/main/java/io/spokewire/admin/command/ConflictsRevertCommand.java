package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.client.Ruling;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syncadm conflicts revert}. */
@Command(
    name = "revert",
    description = {
      "Writes again, at every site, what lost: as a new write that wins over all before it.",
      "Several conflicts are reverted together or not at all."
    },
    footer = {
      "",
      "Examples:",
      "  syncadm conflicts revert 12",
      "  syncadm conflicts revert 12 13 --source --reason 'the import was wrong'"
    })
public final class ConflictsRevertCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Parameters(arity = "1..*", paramLabel = "ID", description = "As 'conflicts list' shows them.")
  private List<Long> ids = List.of();

  @ArgGroup(multiplicity = "0..1")
  private @Nullable Side side;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept in the audit.")
  private String reason = "";

  /** Where both sides' values were merged, one must be said. */
  static final class Side {
    @Option(names = "--source", description = "What the arriving write said.")
    private boolean source;

    @Option(names = "--target", description = "What the write that it met said.")
    private boolean target;
  }

  public ConflictsRevertCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    for (long id : ids) {
      if (id < 1) {
        throw Usage.fault("revert conflict", "there is no conflict " + id, "ids begin at 1");
      }
    }
    Optional<Ruling.Choice.Side> said =
        Optional.ofNullable(side).map(s -> new Ruling.Choice.Side(s.source));
    try (HubClient hub = door.open(options)) {
      List<Ruling> reverted = hub.revert(ids, said, reason);
      terminal.print(new RulingReport(reverted, "reverted").in(options.output()));
      return 0;
    }
  }
}
