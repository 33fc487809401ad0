package io.spokewire.hub.resolve;

import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowKey;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.clock.Context;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One row while something about it can still be concurrent: its versions above the frontier, in
 * order of position.
 *
 * <p>Invariant (I5): every write above the frontier that no later write had seen is here, with its
 * fields marked in {@link Version#sibling}.
 */
final class RowWindow {
  final TableWindow table;
  final RowKey key;
  private static final List<Version> NO_VERSIONS = List.of();

  private final List<Version> versions = new ArrayList<>(1);

  /**
   * Versions with a sibling field, in order of position. Few: a later write that has seen them
   * takes their fields.
   */
  private final List<Version> siblings = new ArrayList<>(1);

  /** Where the run of versions of the last writer begins that brought its own site nothing back. */
  private int runStart;

  RowWindow(TableWindow table, RowKey key) {
    this.table = table;
    this.key = key;
  }

  /**
   * Whether a write under this mark has seen all there is, so that it can neither conflict nor owe
   * its origin anything. True is exact; false only means "look closer".
   *
   * <p>The row's last versions may be the writer's own: those it has seen without a position. What
   * stands before them must be covered both by this context and, so that no echo can have come
   * between them, already by the first of its own.
   */
  boolean isSeenBy(Mark mark) {
    Context context = mark.context();
    if (excepts(context)) {
      return false;
    }
    int end = versions.size();
    long low = context.low().number();
    if (end > 0 && isOwnAndUnseen(versions.getLast(), mark)) {
      if (runStart == end) {
        return false; // its last write was answered, and the answer is not seen yet
      }
      end = runStart;
      Context first = versions.get(end).mark.context();
      if (excepts(first)) {
        return false;
      }
      low = Math.min(low, first.low().number());
    }
    return end == 0 || versions.get(end - 1).number() <= low;
  }

  /** Whether the write under this mark was made without knowledge of a version of this row. */
  boolean isUnseen(Version version, Mark mark) {
    return !coversRow(mark.context(), version.number())
        && !version.mark.writer().equals(mark.writer());
  }

  /**
   * Whether the row is there by an insert that the write under this mark knew nothing of, and no
   * TRUNCATE either.
   */
  boolean isNewTo(Mark mark) {
    if (!Boolean.TRUE.equals(exists())) {
      return false;
    }
    for (int i = 0; i < versions.size(); i++) {
      Version version = versions.get(i);
      if (version.write.isNewRow()
          && isUnseen(version, mark)
          && versions.subList(i + 1, versions.size()).stream()
              .noneMatch(v -> v.write.isTruncation() && !isUnseen(version, v.mark))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isOwnAndUnseen(Version version, Mark mark) {
    return version.number() > mark.context().low().number()
        && version.mark.writer().equals(mark.writer());
  }

  /**
   * The siblings of the field that the write under this mark had not seen, in a list of the
   * caller's own unless there are none.
   */
  List<Version> live(int field, Mark mark) {
    List<Version> live = NO_VERSIONS;
    long lastSeenEcho = -1;
    for (Version s : siblings) {
      if (!s.sibling.contains(field) || covers(mark.context(), s.number(), field)) {
        continue;
      }
      if (s.mark.writer().equals(mark.writer())) {
        // Its own earlier write counts as seen, unless an echo that the earlier one had not seen
        // overwrote it before this one was made on top of the echo.
        if (lastSeenEcho < 0) {
          lastSeenEcho = lastOverwriteSeen(field, mark);
        }
        if (lastSeenEcho == 0
            || lastSeenEcho >= s.number()
            || covers(s.mark.context(), lastSeenEcho, field)) {
          continue;
        }
      }
      live = live.isEmpty() ? new ArrayList<>(siblings.size()) : live;
      live.add(s);
    }
    return live;
  }

  /** The last position in the context at which the field was overwritten at the writer's spoke. */
  private long lastOverwriteSeen(int field, Mark mark) {
    for (int i = versions.size() - 1; i >= 0; i--) {
      Version v = versions.get(i);
      if (v.deliveryTo(mark.writer()).overwrote(field)
          && covers(mark.context(), v.number(), field)) {
        return v.number();
      }
    }
    return 0;
  }

  /** Whether something unseen was sent to the mark's spoke that overwrote the field there. */
  boolean hasUnseenOverwrite(int field, Mark mark) {
    return hasUnseen(field, mark, d -> d.overwrote(field));
  }

  /** Whether something unseen was sent to the mark's spoke that changed the field there. */
  boolean hasUnseenTouch(int field, Mark mark) {
    return hasUnseen(field, mark, d -> d.touched(field));
  }

  private boolean hasUnseen(int field, Mark mark, Predicate<Delivery> what) {
    Context context = mark.context();
    long seenThrough = context.exceptions().isEmpty() ? context.low().number() : 0;
    for (int i = versions.size() - 1; i >= 0; i--) {
      Version v = versions.get(i);
      if (v.number() <= seenThrough) {
        return false; // and so is all before it, of which a hot row may have thousands
      }
      if (!covers(context, v.number(), field) && what.test(v.deliveryTo(mark.writer()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the row exists now; null if nothing in the window says so. */
  @Nullable Boolean exists() {
    return versions.isEmpty() ? null : versions.getLast().exists;
  }

  /** The field's value now, or the retained one of a row that is gone; null if unknown. */
  @Nullable Field valueOf(int field) {
    for (int i = versions.size() - 1; i >= 0; i--) {
      Field value = versions.get(i).valueOf(field);
      if (value != null) {
        return value;
      }
    }
    for (Version v : versions) { // not written in the window: every before image has it
      Field value = v.valueBefore(field);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /**
   * What the writer's database held in a field that it did not write itself, by what its context
   * shows; null if nobody wrote the field in the window, so that it is everywhere the same.
   *
   * @param mark of a write that is in the window or about to enter it
   */
  @Nullable Field seenBy(Mark mark, int field) {
    Field seen = writtenAndSeenBy(mark, field);
    if (seen != null) {
      return seen;
    }
    for (Version v : versions) {
      Field value = v.valueBefore(field);
      if (value != null && !v.mark.equals(mark)) {
        return value;
      }
    }
    return null;
  }

  /** The same where a write in the window says so; null if none does. */
  @Nullable Field writtenAndSeenBy(Mark mark, int field) {
    long echo = lastOverwriteSeen(field, mark);
    for (int i = versions.size() - 1; i >= 0; i--) {
      Version v = versions.get(i);
      Field value = null;
      if (covers(mark.context(), v.number(), field)) {
        value = v.valueOf(field);
      } else if (v.mark.writer().equals(mark.writer())
          && v.mark.sequence().compareTo(mark.sequence()) <= 0 // also of the same transaction
          && (echo == 0 || covers(v.mark.context(), echo, field))) {
        value = v.written(field); // its own, and no echo has overwritten it since
      }
      if (value != null && value.isPresent()) {
        return value;
      }
    }
    return null;
  }

  /** What the first write after a version found in a field; null if none says so. */
  @Nullable Field foundAfter(Version version, int field) {
    for (Version v : versions.subList(versions.indexOf(version) + 1, versions.size())) {
      Field value = v.valueBefore(field);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /** The row as far as it is known, in this shape's columns; UNCHANGED where it is not. */
  Tuple image(Shape shape) {
    @Nullable Field[] known = new Field[shape.columns()];
    for (int i = 0; i < known.length; i++) {
      Field value = valueOf(shape.field(i));
      known[i] = value == null || value.isAbsent() ? null : value;
    }
    return Tuple.of(known, Field.UNCHANGED);
  }

  /** Whether a version was written at a site whose table does not have this field. */
  boolean hasShapeWithout(int field) {
    return versions.stream().anyMatch(v -> v.write.shape.ordinalOf(field) < 0);
  }

  /** Adds a version that saw everything but {@code live}, and takes its fields from the rest. */
  void add(Version version, LiveSiblings live) {
    FieldSet taken = version.write.fields;
    for (int i = siblings.size() - 1; i >= 0; i--) {
      Version s = siblings.get(i);
      live.takeSeen(s, taken);
      if (s.sibling.isEmpty()) {
        siblings.remove(i);
      }
    }
    boolean continuesRun =
        version.toOrigin.isNothing()
            && !versions.isEmpty()
            && versions.getLast().mark.writer().equals(version.mark.writer());
    if (!continuesRun) {
      runStart = version.toOrigin.isNothing() ? versions.size() : versions.size() + 1;
    }
    versions.add(version);
    table.grow(version);
    if (!version.sibling.isEmpty()) {
      siblings.add(version);
    }
  }

  /**
   * Forgets what nothing can be concurrent with any more. A version at or below the frontier stays
   * while a kept one had not seen it: it may be the echo that overwrote the kept one's successor.
   *
   * @return whether nothing is left
   */
  boolean prune(long frontier) {
    siblings.removeIf(s -> s.number() <= frontier);
    int firstKept = 0;
    while (firstKept < versions.size() && versions.get(firstKept).number() <= frontier) {
      firstKept++;
    }
    if (firstKept == versions.size()) {
      versions.forEach(table::shrink);
      versions.clear();
      return true;
    }
    long seenByAllKept = frontier;
    for (Version v : versions.subList(firstKept, versions.size())) {
      seenByAllKept = Math.min(seenByAllKept, v.mark.context().lowest());
    }
    int gone = 0;
    while (gone < firstKept && versions.get(gone).number() <= seenByAllKept) {
      gone++;
    }
    if (gone > 0) {
      versions.subList(0, gone).forEach(table::shrink);
      versions.subList(0, gone).clear();
      runStart = Math.max(0, runStart - gone);
    }
    return false;
  }

  /** Forgets all. */
  void clear() {
    versions.forEach(table::shrink);
    versions.clear();
    siblings.clear();
    runStart = 0;
  }

  /** Every version, in order of position. */
  List<Version> all() {
    return Collections.unmodifiableList(versions);
  }

  int runStart() {
    return runStart;
  }

  /** The position of the last version. */
  long last() {
    return versions.getLast().number();
  }

  /** Puts back into an empty row what {@link #all} had. */
  void restore(List<Version> all, int newRunStart) {
    runStart = newRunStart;
    for (Version version : all) {
      versions.add(version);
      table.grow(version);
      if (!version.sibling.isEmpty()) {
        siblings.add(version);
      }
    }
  }

  boolean isEmpty() {
    return versions.isEmpty();
  }

  /** Versions with a sibling field, in order of position. */
  List<Version> siblings() {
    return Collections.unmodifiableList(siblings);
  }

  int versions() {
    return versions.size();
  }

  /** Whether it is seen in every field. */
  private boolean coversRow(Context context, long number) {
    return context.exceptions().isEmpty()
        ? context.covers(number)
        : context.coversRow(number, table.name, key.bytes());
  }

  private boolean excepts(Context context) {
    return !context.exceptions().isEmpty() && context.excepts(table.name, key.bytes());
  }

  private boolean covers(Context context, long number, int field) {
    return context.exceptions().isEmpty()
        ? context.covers(number)
        : context.covers(number, table.name, key.bytes(), table.fieldName(field));
  }

  /** Which siblings stay beside a new version, field by field. */
  interface LiveSiblings {
    /** All were seen: the new version takes every field it wrote. */
    LiveSiblings NONE = (sibling, taken) -> sibling.sibling.removeAll(taken);

    /** Takes from {@code sibling} those of {@code taken} for which it was seen. */
    void takeSeen(Version sibling, FieldSet taken);
  }
}
