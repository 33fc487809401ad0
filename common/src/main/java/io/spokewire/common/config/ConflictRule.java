package io.spokewire.common.config;

import io.spokewire.common.id.SpokeId;
import java.util.List;
import java.util.Optional;

/** How concurrent writes to a field are settled, as the plan says it. Immutable. */
public sealed interface ConflictRule {
  /** What holds where the plan says nothing. */
  ConflictRule DEFAULT = new LastWriteWins(Optional.empty());

  /** The rule's name in plans and in the audit. */
  String label();

  /**
   * The latest write.
   *
   * @param column the column of the same row whose value tells what is later, such as {@code
   *     updated_at}; empty: hybrid time
   */
  record LastWriteWins(Optional<String> column) implements ConflictRule {
    @Override
    public String label() {
      return "last_write_wins";
    }
  }

  /** The earliest write, by hybrid time. */
  record FirstWriteWins() implements ConflictRule {
    @Override
    public String label() {
      return "first_write_wins";
    }
  }

  /**
   * The write of the spoke that stands first in the order.
   *
   * @param order spokes not named come after those that are; empty: the arriving write
   */
  record SourcePriority(List<SpokeId> order) implements ConflictRule {
    public SourcePriority {
      order = List.copyOf(order);
    }

    @Override
    public String label() {
      return "source_priority";
    }
  }

  /**
   * Where one side changed a field, that side's value; where both did, the source's. Fields are
   * settled one by one, so the first half holds under every rule.
   *
   * @param order as in {@link SourcePriority}
   */
  record Merge(List<SpokeId> order) implements ConflictRule {
    public Merge {
      order = List.copyOf(order);
    }

    @Override
    public String label() {
      return "merge";
    }
  }

  /** What every side added, added up. */
  record Sum() implements ConflictRule {
    @Override
    public String label() {
      return "sum";
    }
  }

  /** The largest value. */
  record Max() implements ConflictRule {
    @Override
    public String label() {
      return "max";
    }
  }

  /** The smallest value. */
  record Min() implements ConflictRule {
    @Override
    public String label() {
      return "min";
    }
  }

  /**
   * The value that stands first in the order.
   *
   * @param order values as text; those not named come after those that are, latest first
   */
  record PriorityOrder(List<String> order) implements ConflictRule {
    public PriorityOrder {
      order = List.copyOf(order);
    }

    @Override
    public String label() {
      return "priority_order";
    }
  }

  /** Every element of every side: arrays, sets, JSON. */
  record Union() implements ConflictRule {
    @Override
    public String label() {
      return "union";
    }
  }

  /**
   * A person decides. Until then every site has the value of the latest write, and the case is open
   * in the audit.
   */
  record Manual() implements ConflictRule {
    @Override
    public String label() {
      return "manual";
    }
  }

  /**
   * Whether the rule chooses one of the writes and takes what it wrote, whatever that is: only such
   * a rule can decide for several columns at once.
   */
  default boolean choosesAWrite() {
    return switch (this) {
      case LastWriteWins r -> true;
      case FirstWriteWins r -> true;
      case SourcePriority r -> true;
      case Merge r -> true;
      case Manual r -> true;
      case Sum r -> false;
      case Max r -> false;
      case Min r -> false;
      case PriorityOrder r -> false;
      case Union r -> false;
    };
  }
}
