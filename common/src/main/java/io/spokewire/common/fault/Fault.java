package io.spokewire.common.fault;

import org.jspecify.annotations.Nullable;

/**
 * The one root exception: what was being done, where, why it failed, what to do about it, and
 * whether it heals by itself. Unchecked, because almost every caller can only let it pass to its
 * loop, which retries what heals and stops for what does not.
 *
 * <p>{@link #getMessage()} is one line: {@code operation at place: cause (hint)}.
 */
public final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final FaultKind kind;
  private final String operation;
  private final String place;
  private final String reason;
  private final String hint;
  private final Healing healing;

  private Fault(Builder b, @Nullable Throwable cause) {
    super(line(b), cause);
    this.kind = b.kind;
    this.operation = b.operation;
    this.place = b.place;
    this.reason = b.reason;
    this.hint = b.hint;
    this.healing = b.healing;
  }

  /** Begins a fault; {@code reason} says what went wrong in plain words, without a final stop. */
  public static Builder of(FaultKind kind, String operation, String reason) {
    return new Builder(kind, operation, reason);
  }

  /** An invariant of ours that does not hold. The part that found it stops. */
  public static Fault invariant(String name, String what) {
    return of(FaultKind.INTERNAL, "invariant " + name, what)
        .hint("stopped rather than go on wrongly; please report this with the log")
        .build();
  }

  public FaultKind kind() {
    return kind;
  }

  public String operation() {
    return operation;
  }

  /** File, table, address; empty when the operation says it all. */
  public String place() {
    return place;
  }

  public String reason() {
    return reason;
  }

  /** What the reader can do; empty when there is nothing to say. */
  public String hint() {
    return hint;
  }

  public Healing healing() {
    return healing;
  }

  public boolean healsByItself() {
    return healing == Healing.BY_ITSELF;
  }

  private static String line(Builder b) {
    StringBuilder line = new StringBuilder(b.operation);
    if (!b.place.isEmpty()) {
      line.append(" at ").append(b.place);
    }
    line.append(": ").append(b.reason);
    if (!b.hint.isEmpty()) {
      line.append(" (").append(b.hint).append(')');
    }
    return line.toString().replace('\n', ' ');
  }

  /** Collects the parts of a fault. */
  public static final class Builder {
    private final FaultKind kind;
    private final String operation;
    private final String reason;
    private String place = "";
    private String hint = "";
    private Healing healing = Healing.BY_OPERATOR;

    private Builder(FaultKind kind, String operation, String reason) {
      this.kind = kind;
      this.operation = operation;
      this.reason = reason;
    }

    public Builder at(Object where) {
      this.place = where.toString();
      return this;
    }

    public Builder hint(String whatToDo) {
      this.hint = whatToDo;
      return this;
    }

    public Builder healsByItself() {
      this.healing = Healing.BY_ITSELF;
      return this;
    }

    public Fault build() {
      return new Fault(this, null);
    }

    public Fault causedBy(@Nullable Throwable cause) {
      return new Fault(this, cause);
    }
  }
}
