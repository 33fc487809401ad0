package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.Convergence;
import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.OutputFormat;
import io.spokewire.admin.output.Report;
import io.spokewire.admin.output.Table;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syncadm wait}. */
@Command(
    name = "wait",
    description = {
      "Waits until everything committed at any site before the call is at every site, durably,"
          + " conflicts settled and audited.",
      "Ends with 0 when it is, with 1 when the time runs out: then it says who is missing. A site"
          + " that is paused, offline, joining or has parked rows makes it run out."
    })
public final class WaitCommand implements Callable<Integer> {
  private final GlobalOptions options;
  private final HubDoor door;
  private final Terminal terminal;

  @Option(names = "--converged", required = true, description = "What to wait for.")
  private boolean converged;

  @Option(
      names = "--timeout",
      paramLabel = "SPAN",
      defaultValue = "60s",
      description = "How long at most: 500ms, 60s (default), 5m.")
  private Duration timeout = Duration.ofSeconds(60);

  public WaitCommand(GlobalOptions options, HubDoor door, Terminal terminal) {
    this.options = options;
    this.door = door;
    this.terminal = terminal;
  }

  /** Whether convergence is what to wait for: there is nothing else yet. */
  boolean forConvergence() {
    return converged;
  }

  @Override
  public Integer call() {
    try (HubClient hub = door.open(options)) {
      Convergence end = hub.awaitConvergence(timeout, progress());
      terminal.print(new Answer(end, timeout).in(options.output()));
      return end.converged() ? 0 : 1;
    }
  }

  /** To a person who waits: who is missing, whenever that changes. */
  private Consumer<Convergence> progress() {
    if (!terminal.interactive() || options.output() != OutputFormat.TABLE) {
      return progress -> {};
    }
    return new Consumer<>() {
      private List<String> said = List.of();

      @Override
      public void accept(Convergence progress) {
        if (!progress.lacking().equals(said)) {
          said = progress.lacking();
          said.forEach(line -> terminal.note("waiting: " + Table.printable(line)));
        }
      }
    };
  }

  private record Answer(Convergence end, Duration timeout) implements Report {
    @Override
    public String table() {
      if (end.converged()) {
        return "✓ Converged: everything committed before is everywhere.\n";
      }
      StringBuilder text = new StringBuilder("✗ Not converged after " + span() + ":\n");
      end.lacking().forEach(line -> text.append("  ").append(Table.printable(line)).append('\n'));
      return text.toString();
    }

    @Override
    public ObjectNode json() {
      ObjectNode node = Json.object().put("converged", end.converged());
      node.set("lacking", Json.texts(end.lacking()));
      return node;
    }

    @Override
    public Csv csv() {
      return new Csv("converged", "lacking")
          .row(Boolean.toString(end.converged()), String.join("; ", end.lacking()));
    }

    private String span() {
      return timeout.toMillis() % 1_000 == 0
          ? timeout.toSeconds() + " s"
          : timeout.toMillis() + " ms";
    }
  }
}
