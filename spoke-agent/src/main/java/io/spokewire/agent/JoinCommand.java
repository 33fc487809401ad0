package io.spokewire.agent;

import io.spokewire.agent.identity.JoinToken;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.agent.settings.HubAddress;
import io.spokewire.agent.settings.WeakSetting;
import io.spokewire.common.credential.CredentialUri;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code spoke-agent join}. */
@Command(
    name = "join",
    description = "Makes a spoke of a database, with a token from `syncadm topology add-spoke`.",
    mixinStandardHelpOptions = true)
final class JoinCommand implements Callable<Integer> {
  @Option(
      names = "--hub",
      required = true,
      paramLabel = "HOST:PORT",
      description = "where the hub listens")
  private String hub = "";

  @Option(names = "--token", required = true, paramLabel = "TOKEN", description = "good once")
  private String token = "";

  @Option(
      names = "--data-dir",
      required = true,
      paramLabel = "DIR",
      description = "the agent's own directory")
  private Path dataDirectory = Path.of(".");

  @Option(
      names = "--database",
      required = true,
      paramLabel = "JDBC_URL",
      description = "jdbc:postgresql://HOST:PORT/DATABASE, jdbc:mysql://… or jdbc:mariadb://…")
  private String database = "";

  @Option(
      names = "--user",
      required = true,
      paramLabel = "USER",
      description = "who the agent logs in as")
  private String user = "";

  @Option(
      names = "--credentials",
      required = true,
      paramLabel = "URI",
      description = "file:PATH, env:NAME or exec:COMMAND")
  private String credentials = "";

  @Option(
      names = "--capture",
      paramLabel = "METHOD",
      defaultValue = "auto",
      description =
          "auto (the best that the database allows), logical_replication (PostgreSQL), binlog"
              + " (MySQL, MariaDB), trigger or polling (for a spoke that only sends)")
  private String capture = "auto";

  @Option(
      names = "--database-ssl",
      paramLabel = "MODE",
      defaultValue = "preferred",
      description = "disabled, preferred, required, verify_ca or verify_full")
  private String ssl = "preferred";

  @Option(
      names = "--assume-identical",
      description = "the data equals the other spokes': be live at once")
  private boolean assumeIdentical;

  @Option(
      names = "--accept",
      paramLabel = "SETTING",
      description = "a setting of the server that may lose changes, put up with; may be repeated")
  private List<String> accept = List.of();

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    List<String> wrong = new ArrayList<>();
    HubAddress address = value(wrong, "--hub", () -> HubAddress.parse(hub));
    CredentialUri uri =
        value(wrong, "--credentials", () -> CredentialUri.parse(credentials).absolute());
    DatabaseSettings.Ssl mode =
        value(wrong, "--database-ssl", () -> DatabaseSettings.Ssl.ofLabel(ssl));
    DatabaseSettings settings =
        value(
            wrong,
            "--database",
            () ->
                DatabaseSettings.ofJdbcUrl(
                    database,
                    user,
                    uri == null ? new CredentialUri(CredentialUri.Scheme.ENV, "NONE") : uri,
                    mode == null ? DatabaseSettings.Ssl.PREFERRED : mode));
    List<AgentSettings.Method> methods = List.of();
    if (settings != null) {
      methods =
          AgentSettings.Method.allOf(settings.type()).stream()
              .filter(method -> capture.equals("auto") || capture.equals(method.label()))
              .toList();
      if (methods.isEmpty()) {
        wrong.add(
            "--capture: "
                + settings.type().label()
                + " is not captured by "
                + capture
                + ": use auto, "
                + String.join(
                    " or ",
                    AgentSettings.Method.allOf(settings.type()).stream()
                        .map(AgentSettings.Method::label)
                        .toList()));
      }
    }
    Set<WeakSetting> accepted = EnumSet.noneOf(WeakSetting.class);
    for (String setting : accept) {
      WeakSetting known = value(wrong, "--accept", () -> WeakSetting.ofLabel(setting));
      if (known != null) {
        accepted.add(known);
      }
    }
    if (!wrong.isEmpty() || address == null || settings == null) {
      String reason =
          wrong.size() == 1
              ? wrong.getFirst()
              : wrong.size() + " options are wrong\n" + String.join("\n", wrong);
      throw Fault.of(FaultKind.USAGE, "join", reason).hint("see --help").build();
    }
    AgentSettings joined =
        new Join(
                new Join.Request(
                    address,
                    JoinToken.parse(token),
                    dataDirectory,
                    settings.accepting(accepted),
                    methods,
                    assumeIdentical,
                    AgentVersion.text()),
                new SecureRandom())
            .run();
    if (spec != null) {
      spec.commandLine()
          .getOut()
          .println(
              "joined spoke="
                  + joined.spoke()
                  + "; run it: spoke-agent run --data-dir "
                  + dataDirectory);
    }
    return 0;
  }

  private static <T> @Nullable T value(List<String> wrong, String option, Supplier<T> parser) {
    try {
      return parser.get();
    } catch (IllegalArgumentException e) {
      wrong.add(option + ": " + e.getMessage());
      return null;
    }
  }
}
