package io.spokewire.agent;

import picocli.CommandLine.IVersionProvider;

/** Which version this is, from the manifest of its jar. */
final class AgentVersion implements IVersionProvider {
  /** The version, or {@code development} where there is no jar. */
  static String text() {
    String version = AgentVersion.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"spoke-agent " + text()};
  }
}
