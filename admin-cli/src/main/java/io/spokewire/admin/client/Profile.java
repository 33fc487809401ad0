package io.spokewire.admin.client;

import io.spokewire.common.config.YamlDocument;
import io.spokewire.common.config.YamlMap;
import java.nio.file.Path;

/**
 * Where the hub is and who we are there: the file {@code admin.yaml} that {@code hub-server init}
 * writes, with keys {@code hub}, {@code ca}, {@code certificate} and {@code key}.
 *
 * @param authority PEM: the CA that signed the hub's certificate
 * @param certificate PEM: ours
 * @param key PEM (PKCS#8): ours; secret
 */
public record Profile(HubAddress hub, String authority, String certificate, String key) {

  /**
   * Reads a profile.
   *
   * @throws io.spokewire.common.fault.Fault of kind USAGE with everything that is wrong with it
   */
  public static Profile read(Path file) {
    YamlDocument document = YamlDocument.read(file);
    YamlMap root = document.root();
    HubAddress hub = root.parsed("hub", new HubAddress("missing", 1), HubAddress::parse);
    if (!root.has("hub")) {
      root.fault("hub", "'hub' is missing", "write hub: HOST:PORT");
    }
    Profile profile = new Profile(hub, pem(root, "ca"), pem(root, "certificate"), pem(root, "key"));
    document.check();
    return profile;
  }

  private static String pem(YamlMap root, String key) {
    String text = root.requiredText(key);
    if (!text.isBlank() && !text.contains("-----BEGIN ")) {
      root.fault(
          key, "'" + key + "' is not PEM text", "hub-server init writes a profile that is whole");
    }
    return text;
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "profile of " + hub;
  }

  /** A host name or address, and a port. */
  public record HubAddress(String host, int port) {
    static HubAddress parse(String text) {
      int colon = text.lastIndexOf(':');
      if (colon > 0 && text.substring(colon + 1).matches("[0-9]{1,5}")) {
        int port = Integer.parseInt(text.substring(colon + 1));
        String host = text.substring(0, colon).replaceAll("^\\[|]$", "");
        if (port > 0 && port < 65_536 && !host.isBlank()) {
          return new HubAddress(host, port);
        }
      }
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
    }

    @Override
    public String toString() {
      return host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
  }
}
