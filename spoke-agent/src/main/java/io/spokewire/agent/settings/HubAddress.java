package io.spokewire.agent.settings;

/** Where the hub listens for agents. */
public record HubAddress(String host, int port) {
  /**
   * Reads {@code host:port} or {@code [ipv6]:port}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static HubAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      if (colon > 0) {
        String host = text.substring(0, colon);
        int port = Integer.parseInt(text.substring(colon + 1));
        if (host.startsWith("[") && host.endsWith("]")) {
          host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
          throw new IllegalArgumentException(notAnAddress(text));
        }
        if (port > 0 && port < 65536 && !host.isBlank()) {
          return new HubAddress(host, port);
        }
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(notAnAddress(text), e);
    }
    throw new IllegalArgumentException(notAnAddress(text));
  }

  private static String notAnAddress(String text) {
    return "'" + text + "' is not HOST:PORT";
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
