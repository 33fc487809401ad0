package io.spokewire.agent;

import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.DataDirectory;
import io.spokewire.agent.settings.StateFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code spoke-agent uninstall}: takes everything of ours out of the database. */
@Command(
    name = "uninstall",
    description =
        "Removes slot, publication, triggers and the schema or database spokewire. What was"
            + " captured and not sent is lost to the others.",
    mixinStandardHelpOptions = true)
final class UninstallCommand implements Callable<Integer> {
  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "as given to join")
  private Path dataDirectory = Path.of(".");

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    // Takes the directory, so that no agent runs from it.
    try (DataDirectory directory = DataDirectory.open(dataDirectory)) {
      AgentSettings settings = directory.readSettings();
      Engine engine = Engine.of(settings.database(), settings.capture());
      engine
          .setup()
          .demandFree(
              settings.spoke(),
              Optional.of(StateFile.open(directory.state()).get().instance()),
              false);
      engine.setup().remove();
      PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
      out.println(
          "nothing of spoke="
              + settings.spoke()
              + " is left in the database; remove it at the hub too (syncadm topology remove-spoke "
              + settings.spoke()
              + "), then "
              + directory.path()
              + " may be deleted");
      out.flush();
      return 0;
    }
  }
}
