package io.spokewire.admin.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.spokewire.admin.client.Spoke;
import io.spokewire.admin.output.Csv;
import io.spokewire.admin.output.Human;
import io.spokewire.admin.output.Json;
import io.spokewire.admin.output.Report;

/** A new site's token and how to join with it. */
record InvitationReport(Spoke.Invitation invitation) implements Report {
  @Override
  public String table() {
    return invitation.spoke()
        + " is registered. Its token, shown this once:\n\n  "
        + invitation.token()
        + "\n\nOn the machine beside its database, before "
        + Human.time(invitation.expiresMicros())
        + ", run:\n\n  "
        + invitation.joinCommand().replace(" --", " \\\n    --")
        + "\n\nPut your own database, user and password file in it, then start the agent:"
        + " spoke-agent run --data-dir DIR\n";
  }

  @Override
  public ObjectNode json() {
    return Json.object()
        .put("spoke", invitation.spoke())
        .put("token", invitation.token())
        .put("expires_at", Human.iso(invitation.expiresMicros()))
        .put("join_command", invitation.joinCommand());
  }

  @Override
  public Csv csv() {
    return new Csv("spoke", "token", "expires_at", "join_command")
        .row(
            invitation.spoke(),
            invitation.token(),
            Human.iso(invitation.expiresMicros()),
            invitation.joinCommand());
  }
}
