package io.spokewire.hub.settings;

import java.net.InetSocketAddress;

/**
 * A host with a port, such as {@code 127.0.0.1:7400} or {@code [::1]:7400}.
 *
 * @param host without brackets
 * @param port 0 to 65535; 0 lets the system pick one
 */
public record HostPort(String host, int port) {
  public HostPort {
    if (host.isBlank() || host.indexOf('/') >= 0) {
      throw new IllegalArgumentException("'" + host + "' is not a host");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not 0 to 65535");
    }
  }

  /** Reads {@code HOST:PORT}. */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    boolean brackets = host.startsWith("[") && host.endsWith("]");
    if (host.isEmpty() || (!brackets && host.indexOf(':') >= 0)) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT");
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      return new HostPort(brackets ? host.substring(1, host.length() - 1) : host, port);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is not HOST:PORT", e);
    }
  }

  public HostPort withPort(int otherPort) {
    return new HostPort(host, otherPort);
  }

  /** Whether it means every address of the machine. */
  public boolean isWildcard() {
    return host.equals("0.0.0.0") || host.equals("::") || host.equals("*");
  }

  /** To listen on; resolves the name. */
  public InetSocketAddress socketAddress() {
    return host.equals("*") ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
