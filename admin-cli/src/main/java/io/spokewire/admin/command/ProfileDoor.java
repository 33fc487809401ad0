package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;
import io.spokewire.admin.client.Profile;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Set;

/**
 * Finds the profile: {@code --profile}, else {@code SYNCADM_PROFILE}, else {@code
 * ~/.config/syncadm/profile.yaml}. Refuses none for its mode, but says when others can read the
 * key.
 */
public final class ProfileDoor implements HubDoor {
  private static final String VARIABLE = "SYNCADM_PROFILE";
  private static final Set<PosixFilePermission> READABLE_BY_OTHERS =
      Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);

  private final Map<String, String> environment;
  private final Path home;
  private final Terminal terminal;

  public ProfileDoor(Map<String, String> environment, Path home, Terminal terminal) {
    this.environment = environment;
    this.home = home;
    this.terminal = terminal;
  }

  @Override
  public HubClient open(GlobalOptions options) {
    Path file = find(options);
    if (!Files.exists(file)) {
      throw Fault.of(FaultKind.USAGE, "read the profile", "there is no such file")
          .at(file)
          .hint(
              "hub-server init writes DATA_DIR/admin.yaml: name it with --profile or in "
                  + VARIABLE)
          .build();
    }
    Profile profile = Profile.read(file);
    warnOfReaders(file);
    return HubClient.connect(profile);
  }

  private Path find(GlobalOptions options) {
    if (options.profile().isPresent()) {
      return options.profile().get();
    }
    String named = environment.getOrDefault(VARIABLE, "");
    return named.isEmpty() ? home.resolve(".config/syncadm/profile.yaml") : Path.of(named);
  }

  private void warnOfReaders(Path file) {
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
      if (mode.stream().anyMatch(READABLE_BY_OTHERS::contains)) {
        terminal.note("warning: " + file + " holds a key and others can read it (chmod 600)");
      }
    } catch (IOException | UnsupportedOperationException e) {
      return; // a file system without modes has nothing to warn of
    }
  }
}
