package io.spokewire.admin.command;

import picocli.CommandLine.Command;

/** {@code syncadm topology}: only its subcommands do something. */
@Command(
    name = "topology",
    description = "The sites: add, look at, hold, remove.",
    synopsisSubcommandLabel = "COMMAND")
public final class TopologyCommand {}
