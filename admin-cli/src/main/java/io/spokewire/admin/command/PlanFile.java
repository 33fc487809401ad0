package io.spokewire.admin.command;

import io.spokewire.common.config.Plan;
import io.spokewire.common.config.PlanParser;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A plan as it lies on disk, parsed here so that its faults name the file and its lines.
 *
 * @param text as the user wrote it: what the hub keeps
 */
record PlanFile(String text, Plan plan) {
  private static final String READ = "read the plan";

  /** Reads and parses it; a fault of kind USAGE lists everything that is wrong. */
  static PlanFile read(Path file) {
    try {
      String text = Files.readString(file);
      return new PlanFile(text, new PlanParser().parse(file.toString(), text));
    } catch (NoSuchFileException e) {
      throw unreadable(file, "there is no such file", e);
    } catch (MalformedInputException e) {
      throw unreadable(file, "the file is not UTF-8 text", e);
    } catch (IOException e) {
      throw unreadable(file, "the file can't be read: " + e.getMessage(), e);
    }
  }

  private static Fault unreadable(Path file, String reason, IOException cause) {
    return Fault.of(FaultKind.USAGE, READ, reason)
        .at(file)
        .hint("-f takes a YAML file that you may read")
        .causedBy(cause);
  }
}
