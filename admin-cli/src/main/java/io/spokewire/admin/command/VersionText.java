package io.spokewire.admin.command;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
final class VersionText implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = VersionText.class.getPackage().getImplementationVersion();
    return new String[] {"syncadm " + (version == null ? "(development build)" : version)};
  }
}
