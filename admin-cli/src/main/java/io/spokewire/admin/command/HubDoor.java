package io.spokewire.admin.command;

import io.spokewire.admin.client.HubClient;

/** Opens the connection that a command needs, with the options it was given. */
public interface HubDoor {
  /** The caller closes it; a fault of kind USAGE if there is no usable profile. */
  HubClient open(GlobalOptions options);
}
