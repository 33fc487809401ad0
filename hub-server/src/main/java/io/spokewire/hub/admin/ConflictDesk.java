package io.spokewire.hub.admin;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.hub.audit.AuditedConflict;
import io.spokewire.hub.audit.ConflictAudit;
import io.spokewire.hub.audit.ConflictCounts;
import io.spokewire.hub.audit.ConflictCounts.Dimension;
import io.spokewire.hub.audit.ConflictFilter;
import io.spokewire.hub.audit.ConflictQuery;
import io.spokewire.proto.Conflict;
import io.spokewire.proto.ConflictCount;
import io.spokewire.proto.CountConflictsRequest;
import io.spokewire.proto.ListConflictsRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an operator can ask of the conflict audit. Safe from any thread. */
public final class ConflictDesk {
  private static final int PAGE = 200;

  private final ConflictAudit audit;

  public ConflictDesk(ConflictAudit audit) {
    this.audit = audit;
  }

  Conflict show(long id) {
    return audit
        .find(id)
        .map(ConflictMessages::of)
        .orElseThrow(
            () ->
                Fault.of(FaultKind.USAGE, "show conflict", "there is no conflict " + id)
                    .hint("'syncadm conflicts list' shows their ids")
                    .build());
  }

  /** Begins to walk through what was asked for, newest first. */
  Listing list(ListConflictsRequest request) {
    long limit = request.getLimit() == 0 ? Long.MAX_VALUE : request.getLimit();
    long before = request.getBefore() == 0 ? Long.MAX_VALUE : request.getBefore();
    return new Listing(filter("list conflicts", request.getFilter()), before, limit);
  }

  io.spokewire.proto.ConflictCounts count(CountConflictsRequest request) {
    ConflictFilter filter = filter("count conflicts", request.getFilter());
    List<Dimension> by = new ArrayList<>();
    for (String name : request.getByList()) {
      by.add(dimension(name));
    }
    if (by.isEmpty()) {
      by.add(Dimension.TABLE);
    }
    io.spokewire.proto.ConflictCounts.Builder counts =
        io.spokewire.proto.ConflictCounts.newBuilder();
    for (ConflictCounts.Row row : audit.count(filter, by).rows()) {
      counts.addRows(
          ConflictCount.newBuilder()
              .addAllValues(row.values())
              .setConflicts(row.conflicts())
              .setOpen(row.open()));
    }
    return counts.build();
  }

  /** The conflicts themselves, newest first. */
  Walk walk(ConflictFilter filter) {
    return new Walk(filter, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  static ConflictFilter filter(String operation, io.spokewire.proto.ConflictFilter filter) {
    try {
      return ConflictMessages.filter(filter);
    } catch (IllegalArgumentException e) {
      throw Fault.of(FaultKind.USAGE, operation, String.valueOf(e.getMessage())).causedBy(e);
    }
  }

  private static Dimension dimension(String name) {
    return Arrays.stream(Dimension.values())
        .filter(dimension -> dimension.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Fault.of(
                        FaultKind.USAGE,
                        "count conflicts",
                        "'" + name + "' is nothing that conflicts are counted by")
                    .hint(
                        "use "
                            + Arrays.stream(Dimension.values())
                                .map(Dimension::label)
                                .collect(Collectors.joining(", ")))
                    .build());
  }

  /** A walk through conflicts that holds one page at a time. Owned by one call. */
  final class Walk {
    private final ConflictFilter filter;
    private final Deque<AuditedConflict> page = new ArrayDeque<>();
    private long left;
    private long before;

    private Walk(ConflictFilter filter, long before, long limit) {
      this.filter = filter;
      this.before = before;
      this.left = limit;
    }

    /** The next one; empty after the last. */
    Optional<AuditedConflict> next() {
      if (page.isEmpty() && left > 0) {
        int size = (int) Math.min(PAGE, left);
        List<AuditedConflict> found = audit.find(new ConflictQuery(filter, before, size));
        page.addAll(found);
        left = found.size() < size ? 0 : left - size;
      }
      AuditedConflict next = page.poll();
      if (next != null) {
        before = next.id();
      }
      return Optional.ofNullable(next);
    }
  }

  /** The same as messages. Owned by one call. */
  final class Listing {
    private final Walk walk;

    private Listing(ConflictFilter filter, long before, long limit) {
      this.walk = new Walk(filter, before, limit);
    }

    Optional<Conflict> next() {
      return walk.next().map(ConflictMessages::of);
    }
  }
}
