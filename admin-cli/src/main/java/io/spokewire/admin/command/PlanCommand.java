package io.spokewire.admin.command;

import picocli.CommandLine.Command;

/** {@code syncadm plan}: only its subcommands do something. */
@Command(
    name = "plan",
    description = "What is replicated and how conflicts are settled: check, put in force, look at.",
    synopsisSubcommandLabel = "COMMAND")
public final class PlanCommand {}
