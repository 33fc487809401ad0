package io.spokewire.hub;

import picocli.CommandLine.IVersionProvider;

/** Which version this is, from the manifest of its jar. */
final class HubVersion implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = HubVersion.class.getPackage().getImplementationVersion();
    return new String[] {"hub-server " + (version == null ? "(development build)" : version)};
  }
}
