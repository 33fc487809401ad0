package io.spokewire.admin.command;

import picocli.CommandLine.Command;

/** {@code syncadm conflicts}: only its subcommands do something. */
@Command(
    name = "conflicts",
    description = "The audit of every conflict: who wrote what, what won, and why.",
    synopsisSubcommandLabel = "COMMAND")
public final class ConflictsCommand {}
