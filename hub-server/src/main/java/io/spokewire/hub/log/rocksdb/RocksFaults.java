package io.spokewire.hub.log.rocksdb;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.nio.file.Path;
import java.util.Locale;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** RocksDB's errors in our words. A full disk heals by itself; damage never does. Stateless. */
final class RocksFaults {
  private RocksFaults() {}

  static Fault of(String operation, Path directory, RocksDBException e) {
    String message = String.valueOf(e.getMessage());
    if (isNoSpace(e, message)) {
      return Fault.of(FaultKind.INTERNAL, operation, "no space left on the disk")
          .at(directory)
          .hint("free some space; agents keep their changes meanwhile")
          .healsByItself()
          .causedBy(e);
    }
    Status.Code code = e.getStatus() == null ? Status.Code.Undefined : e.getStatus().getCode();
    if (code == Status.Code.Corruption) {
      return damaged(operation, directory, message);
    }
    if (isInUse(message)) {
      return Fault.of(FaultKind.USAGE, operation, "another process uses this directory")
          .at(directory)
          .hint("only one hub may run on a data directory")
          .causedBy(e);
    }
    Fault.Builder fault = Fault.of(FaultKind.INTERNAL, operation, message).at(directory);
    return switch (code) {
      case Busy, TryAgain, TimedOut -> fault.healsByItself().causedBy(e);
      default -> fault.hint("look at the disk and the file system").causedBy(e);
    };
  }

  static Fault damaged(String operation, Path directory, String what) {
    return Fault.of(FaultKind.INTERNAL, operation, what)
        .at(directory)
        .hint("nothing is skipped; restore the data directory from a backup")
        .build();
  }

  /** The files were closed and opened again under a reader or a writer. */
  static Fault reopened() {
    return Fault.of(FaultKind.INTERNAL, "read log", "the store was opened again after a fault")
        .healsByItself()
        .build();
  }

  private static boolean isNoSpace(RocksDBException e, String message) {
    Status status = e.getStatus();
    return (status != null && status.getSubCode() == Status.SubCode.NoSpace)
        || message.toLowerCase(Locale.ROOT).contains("no space left");
  }

  private static boolean isInUse(String message) {
    return message.contains("LOCK") && message.toLowerCase(Locale.ROOT).contains("lock");
  }
}
