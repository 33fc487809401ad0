package io.spokewire.hub.settings;

/**
 * What {@code syncadm} needs to reach this hub, as {@code admin.yaml}. Holds a private key: 0600.
 *
 * @param hub HOST:PORT
 * @param ca PEM
 * @param certificate PEM
 * @param key PEM
 */
public record AdminProfile(HostPort hub, String ca, String certificate, String key) {
  public String text() {
    return "# Profile for syncadm. It holds a private key: keep it as safe as a password.\n"
        + hubLine(hub)
        + "\nca: |\n"
        + ca.indent(2)
        + "certificate: |\n"
        + certificate.indent(2)
        + "key: |\n"
        + key.indent(2);
  }

  /** The same profile with the hub at another address; all else stays as it is. */
  public static String withAddress(String text, HostPort address) {
    return text.replaceFirst("(?m)^hub: .*$", hubLine(address));
  }

  private static String hubLine(HostPort address) {
    return "hub: \"" + address + "\"";
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "profile for " + hub;
  }
}
