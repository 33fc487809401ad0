package io.spokewire.agent;

import io.spokewire.agent.preflight.Finding;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.DataDirectory;
import io.spokewire.common.config.Plan.TablePattern;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code spoke-agent preflight}: 0 if nothing blocks, 1 if something does. */
@Command(
    name = "preflight",
    description = "Lists what the database lacks, with the SQL that mends it.",
    mixinStandardHelpOptions = true)
final class PreflightCommand implements Callable<Integer> {
  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "as given to join")
  private Path dataDirectory = Path.of(".");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "table",
      description = "table or json")
  private String output = "table";

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    // Beside a running agent: reads its settings and does not take its directory.
    AgentSettings settings = DataDirectory.settingsOf(dataDirectory);
    List<Finding> findings =
        Engine.of(settings.database(), settings.capture())
            .preflight(
                settings.spoke(),
                settings.direction(),
                DataDirectory.patternsOf(dataDirectory).stream().map(TablePattern::new).toList())
            .check()
            .stream()
            .filter(finding -> finding.severity() != Finding.Severity.OK)
            .toList();
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    if (output.equals("json")) {
      out.println(json(findings));
    } else if (findings.isEmpty()) {
      out.println("all is well");
    } else {
      findings.forEach(out::println);
    }
    out.flush();
    return findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR) ? 1 : 0;
  }

  private static String json(List<Finding> findings) {
    com.fasterxml.jackson.databind.node.ArrayNode array =
        com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.arrayNode();
    for (Finding finding : findings) {
      array
          .addObject()
          .put("blocking", finding.severity() == Finding.Severity.ERROR)
          .put("severity", finding.severity().name().toLowerCase(Locale.ROOT))
          .put("subject", finding.subject())
          .put("problem", finding.sentence())
          .put("fix", finding.action());
    }
    return array.toPrettyString();
  }
}
