package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SchemaId;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.RowResolution;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.Sibling;
import io.spokewire.hub.resolve.rule.Sum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The decision on one write that met something it had not seen, or whose origin may need an answer:
 * the siblings per field, the value each field gets, and what everybody is sent.
 */
final class Settlement implements RowWindow.LiveSiblings {
  /** What the audit names where no policy of the plan was asked. */
  private static final String TRUNCATE_RULE = "truncate";

  /** And where the plan's policy would bring back a row that nobody has said all of. */
  static final String ROW_UNKNOWN_RULE = "row_unknown";

  private final Mark mark;
  private final RowWindow row;
  private final RowWrite write;
  private final @Nullable Field[] written;
  private final @Nullable Field[] previous;

  /** The siblings that this write had not seen, of the row's existence. */
  private final List<Version> liveExistence;

  /** The same by column. */
  private final List<List<Version>> live;

  /** By column: the value after this write, ABSENT if it has none; null where it wrote nothing. */
  private final @Nullable Field[] settled;

  /** By column: what an adding field grew by. */
  private final @Nullable Bytes[] deltas;

  private final WriterRow held;
  private final Clashes clashes;
  private boolean exists;
  private boolean existedBefore;
  private String existenceRule = "";
  private Answers answers = Answers.NONE;

  /** {@link #settled}, encoded. */
  private Tuple result = Tuple.NONE;

  /** What the writer's site held in the columns of a group that it left out. */
  private Tuple besides = Tuple.NONE;

  private Settlement(Mark mark, RowWindow row, RowWrite write) {
    this.mark = mark;
    this.row = row;
    this.write = write.detached();
    this.written = write.written();
    this.previous = write.previous();
    this.settled = new Field[write.shape.columns()];
    this.deltas = new Bytes[write.shape.columns()];
    this.held = new WriterRow(mark, row, write.shape, written);
    this.clashes = new Clashes(mark, row, this.write);
    this.liveExistence = findLive(Shape.EXISTENCE);
    this.live = findLive();
  }

  /** Decides. */
  static Settlement of(Mark mark, RowWindow row, RowWrite write) {
    Settlement s = new Settlement(mark, row, write);
    Boolean before = row.exists();
    s.existedBefore = before == null ? write.kind != RowWrite.Kind.INSERT : before;
    List<Version> rivals = s.settleExistence(write.shape.delete);
    s.besides = s.besides();
    s.settleFields();
    if (!rivals.isEmpty()) {
      s.noteExistence(rivals);
    }
    s.answers =
        Answering.after(
            mark,
            row,
            s.write,
            s.held,
            new Answering.Settled(s.exists, s.existedBefore, s.settled, s.deltas, s.previous));
    s.result = Tuple.of(s.settled, Field.ABSENT);
    return s;
  }

  /** Takes the decision from the log instead of making it. */
  static Settlement logged(
      Mark mark,
      RowWindow row,
      RowWrite write,
      RowResolution logged,
      Function<SchemaId, Shape> shapes) {
    Settlement s = new Settlement(mark, row, write);
    s.exists = logged.exists();
    @Nullable Field[] result = RowWrite.present(logged.result(), write.shape.columns());
    for (int i = 0; i < result.length; i++) {
      s.settled[i] = result[i] == null && s.written[i] != null ? Field.ABSENT : result[i];
    }
    s.answers = Answers.logged(logged, shapes);
    s.result = Tuple.of(s.settled, Field.ABSENT);
    s.besides = logged.held();
    return s;
  }

  /** A version that went to the others as it was, and met nothing. */
  static Version unopposed(Mark mark, RowWindow row, RowWrite write) {
    FieldSet sibling = write.fields.copy();
    Delivery toOthers = Delivery.WHOLE;
    if (write.kind == RowWrite.Kind.UPDATE) {
      FieldSet fields = write.given.copy();
      fields.remove(Shape.EXISTENCE);
      toOthers = Delivery.ofFields(fields, new FieldSet());
    }
    return new Version(
        row,
        mark,
        write,
        sibling,
        toOthers,
        Delivery.NONE,
        write.exists(),
        write.after,
        Tuple.NONE,
        Tuple.NONE);
  }

  /** Which siblings a replayed write that needed no resolution left beside it. */
  static RowWindow.LiveSiblings liveSiblings(Mark mark, RowWindow row, RowWrite write) {
    return row.isSeenBy(mark) ? RowWindow.LiveSiblings.NONE : new Settlement(mark, row, write);
  }

  /** The resolution of a half of a key change whose other half needed one. */
  static RowResolution asItIs(RowWrite write, int index) {
    boolean gone = !write.exists();
    SchemaId schema = write.shape.schema.id();
    RowChange change =
        gone
            ? new RowChange.Delete(schema, write.key, write.before)
            : new RowChange.Insert(schema, write.key, write.after);
    return new RowResolution(
        index, Answers.encode(change), Bytes.EMPTY, !gone, gone ? Tuple.NONE : write.after);
  }

  /**
   * Whether the write goes through as if it had met nothing: its own values stand, everybody else
   * needs exactly what it wrote, and its origin needs nothing.
   */
  boolean changesNothing() {
    boolean mustSayWhatItReplaces = mark.isOfHub() && write.shape.protectsPending;
    if (mustSayWhatItReplaces
        || !besides.isNone()
        || !clashes.isEmpty()
        || !answers.toOrigin().isNothing()
        || exists != write.exists()) {
      return false;
    }
    if (write.kind != RowWrite.Kind.UPDATE) {
      return answers.toOthers() == Delivery.WHOLE && Arrays.equals(settled, written);
    }
    if (!existedBefore) {
      return false;
    }
    for (int i = 0; i < written.length; i++) {
      if (!answers.toOthers().overwrote(write.shape.field(i))
          ? written[i] != null
          : written[i] == null || !written[i].equals(settled[i])) {
        return false;
      }
    }
    return true;
  }

  /** The write as it enters the window. */
  Version version() {
    boolean spares = write.isTruncation() && exists;
    FieldSet sibling = spares ? new FieldSet() : write.fields.copy();
    for (int i = 0; i < written.length; i++) {
      int field = write.shape.field(i);
      if (answers.toOthers().touched(field) && !answers.toOthers().overwrote(field)) {
        sibling.remove(field); // a delta is nobody's rival
      }
    }
    return new Version(
        row,
        mark,
        write,
        sibling,
        answers.toOthers(),
        answers.toOrigin(),
        exists,
        result,
        answers.whole(),
        besides);
  }

  /** What the log keeps of it. */
  RowResolution resolution(int index) {
    return new RowResolution(
        index, answers.forOthers(), answers.forOrigin(), exists, result, besides);
  }

  /** Whether the row stays. */
  boolean exists() {
    return exists;
  }

  /** Whether the origin needs anything. */
  boolean answersOrigin() {
    return !answers.toOrigin().isNothing();
  }

  List<ConflictRecord> conflicts(ClockBook clocks, PlanVersion version) {
    return clashes.records(clocks, version);
  }

  @Override
  public void takeSeen(Version sibling, FieldSet taken) {
    FieldSet seen = taken.copy();
    if (liveExistence.contains(sibling)) {
      seen.remove(Shape.EXISTENCE);
    }
    for (int i = 0; i < live.size(); i++) {
      if (live.get(i).contains(sibling)) {
        seen.remove(write.shape.field(i));
      }
    }
    sibling.sibling.removeAll(seen);
  }

  private List<List<Version>> findLive() {
    List<List<Version>> byColumn = new ArrayList<>(written.length);
    for (int i = 0; i < written.length; i++) {
      int field = write.shape.field(i);
      byColumn.add(write.fields.contains(field) ? findLive(field) : List.of());
    }
    return byColumn;
  }

  /**
   * A new row has nothing to fear of a TRUNCATE that had not seen it: it takes the TRUNCATE's place
   * as if it had seen it, so that what is made of the row later meets it no more.
   */
  private List<Version> findLive(int field) {
    List<Version> versions = row.live(field, mark);
    if (write.isNewRow() && !versions.isEmpty()) {
      versions.removeIf(v -> v.write.isTruncation());
    }
    return versions;
  }

  /** The versions it was weighed against; none if nobody says otherwise. */
  private List<Version> settleExistence(DeletePolicy policy) {
    List<Version> others = row.live(Shape.EXISTENCE, mark);
    exists = write.exists();
    if (others.stream().allMatch(v -> v.write.exists() == write.exists())) {
      return List.of();
    }
    List<Version> rivals = liveExistence;
    existenceRule = TRUNCATE_RULE;
    if (write.isTruncation() || rivals.stream().anyMatch(v -> v.write.isTruncation())) {
      exists = write.isTruncation() && row.isNewTo(mark);
    } else if (rivals.stream().anyMatch(v -> v.write.exists() != write.exists())) {
      existenceRule = policy.name().toLowerCase(Locale.ROOT);
      List<Sibling> siblings = new ArrayList<>();
      rivals.forEach(v -> siblings.add(v.asSibling(existence(v.write.exists()), Field.ABSENT)));
      siblings.add(asSibling(existence(write.exists()), Field.ABSENT));
      exists = exists(policy, siblings);
      if (exists && !saysAll(write) && rivals.stream().noneMatch(v -> saysAll(v.write))) {
        existenceRule = ROW_UNKNOWN_RULE; // whatever the window knows by chance: it may forget
        exists = false;
      }
    }
    return others;
  }

  /** Whether it names every column: as it made the row, or as it found what it deleted. */
  private static boolean saysAll(RowWrite of) {
    return of.shape.isWhole(of.exists() ? of.after : of.before);
  }

  /**
   * Whether the row stays, when a delete has met a write.
   *
   * @param siblings what each side made of the row's existence
   */
  static boolean exists(DeletePolicy policy, List<Sibling> siblings) {
    return switch (policy) {
      case DELETE_WINS -> false;
      case UPDATE_WINS -> true;
      case LAST_WRITE_WINS ->
          Collections.max(siblings, Sibling.BY_TIME).value().equals(FieldImage.EXISTS);
    };
  }

  /**
   * Keeps every row that was written or deleted, answers.whole() as far as it is known: one side
   * loses.
   */
  private void noteExistence(List<Version> others) {
    RowImages images = new RowImages(row, write);
    List<Clashes.Weighed> rivals = new ArrayList<>(others.size());
    Clashes.Weighed target = null;
    for (Version v : others) {
      Clashes.Weighed rival = new Clashes.Weighed(v, existence(v.write.exists()), images.of(v));
      rivals.add(rival);
      if (v.write.exists() != write.exists()) {
        target = rival;
      }
    }
    Clashes.Weighed met = Objects.requireNonNull(target, "somebody says otherwise");
    clashes.addFirst(
        new Clashes.Clash(
            ConflictRecord.EXISTENCE,
            clashes.kindAgainst(met.version()),
            images.before(),
            existence(write.exists()),
            images.own(),
            met,
            rivals,
            existenceRule,
            exists ? FieldImage.ofRow(images.after(settled)) : FieldImage.NO_ROW,
            false));
  }

  private void settleFields() {
    for (int ordinal = 0; ordinal < written.length; ordinal++) {
      Field value = written[ordinal];
      Shape.FieldGroup group = write.shape.group(ordinal);
      if (group != null && write.fields.contains(write.shape.field(ordinal))) {
        if (ordinal == group.ordinals()[0]) {
          settleGroup(group);
        }
      } else if (value != null) {
        settleField(ordinal, value);
      }
    }
  }

  /**
   * One write gives the values of all columns: those it wrote, and those its site had beside them.
   */
  private void settleGroup(Shape.FieldGroup group) {
    Set<Version> others = new LinkedHashSet<>();
    for (int ordinal : group.ordinals()) {
      others.addAll(live.get(ordinal));
    }
    boolean metDelete = others.removeIf(v -> !v.write.exists());
    if (others.isEmpty()) {
      for (int ordinal : group.ordinals()) {
        // What was deleted may have had other values than the row that this site wrote to.
        Field mine = metDelete ? held.in(ordinal) : written[ordinal];
        settled[ordinal] = mine == null ? written[ordinal] : mine;
      }
      return;
    }
    FieldRule rule = write.shape.rule(group.ordinals()[0]);
    List<Version> candidates = new ArrayList<>(others);
    List<Sibling> ballot = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      Version v = candidates.get(i);
      ballot.add(v.asSibling(choice(i), v.write.stamp(rule)));
    }
    if (write.exists()) {
      ballot.add(asSibling(choice(candidates.size()), write.stamp(rule)));
    }
    int winner = chosen(rule.settle(ballot));
    for (int ordinal : group.ordinals()) {
      Field mine = held.in(ordinal);
      Field result = winner == candidates.size() ? mine : heldBy(candidates.get(winner), ordinal);
      settled[ordinal] = result == null ? written[ordinal] : result;
      if (write.exists() && mine != null) {
        noteGroupColumn(ordinal, mine, candidates, rule);
      }
    }
  }

  private void noteGroupColumn(int ordinal, Field mine, List<Version> candidates, FieldRule rule) {
    List<Clashes.Weighed> rivals = new ArrayList<>();
    Clashes.Weighed target = null;
    for (Version v : candidates) {
      Field theirs = heldBy(v, ordinal);
      if (theirs != null) {
        Clashes.Weighed rival = new Clashes.Weighed(v, theirs, null);
        rivals.add(rival);
        target = theirs.equals(mine) ? target : rival;
      }
    }
    if (target != null) {
      Field result = settled[ordinal];
      clash(ordinal, mine, target, rivals, rule, result == null ? Field.ABSENT : result);
    }
  }

  /** What a sibling's site held in a column after it; null if nobody had written it. */
  private @Nullable Field heldBy(Version version, int ordinal) {
    int field = write.shape.field(ordinal);
    Field value = version.written(field);
    if (value.isPresent()) {
      return value;
    }
    value = version.heldValueOf(field);
    if (value == null) { // not known then; a window built from further back may know
      value = row.writtenAndSeenBy(version.mark, field);
    }
    if (value == null) { // nobody in the window had written it: the next who did found it so
      value = row.foundAfter(version, field);
    }
    return value == null ? previous[ordinal] : value;
  }

  /** Rules for groups choose a write and do not look at its value: this tells which it was. */
  private static Field choice(int candidate) {
    return Field.ofValue(Bytes.utf8(Integer.toString(candidate)));
  }

  private static int chosen(Field choice) {
    return Integer.parseInt(choice.value().toUtf8());
  }

  private void settleField(int ordinal, Field value) {
    FieldRule rule = write.shape.rule(ordinal);
    int field = write.shape.field(ordinal);
    Field before = previous[ordinal];
    if (rule.addsUp() && write.kind == RowWrite.Kind.UPDATE && Sum.hasDelta(before, value)) {
      Field now = Objects.requireNonNullElse(row.valueOf(field), before);
      if (Sum.isFinite(now)) { // what is no number can't be added to, at any site
        Bytes delta = Sum.delta(before, value);
        deltas[ordinal] = delta;
        settled[ordinal] = Sum.plus(now, delta);
        return;
      }
    }
    List<Sibling> present = new ArrayList<>();
    List<Clashes.Weighed> rivals = new ArrayList<>();
    Clashes.Weighed target = null;
    for (Version v : live.get(ordinal)) {
      Field theirs = v.written(field);
      if (theirs.isPresent()) {
        present.add(v.asSibling(theirs, v.write.stamp(rule)));
        Clashes.Weighed rival = new Clashes.Weighed(v, theirs, null);
        rivals.add(rival);
        if (value.isPresent() && !theirs.equals(value)) {
          target = rival;
        }
      }
    }
    if (value.isPresent()) {
      present.add(asSibling(value, write.stamp(rule)));
    }
    Field result = present.isEmpty() ? Field.ABSENT : rule.settle(present);
    settled[ordinal] = result;
    if (target != null) {
      clash(ordinal, value, target, rivals, rule, result);
    }
  }

  private void clash(
      int ordinal,
      Field mine,
      Clashes.Weighed target,
      List<Clashes.Weighed> rivals,
      FieldRule rule,
      Field result) {
    Field before = previous[ordinal];
    clashes.add(
        new Clashes.Clash(
            write.shape.schema.columns().get(ordinal).name(),
            clashes.kindAgainst(target.version()),
            FieldImage.of(before == null ? Field.ABSENT : before),
            mine,
            null,
            target,
            rivals,
            rule.strategy(),
            FieldImage.of(result),
            rule.awaitsDecision()));
  }

  private Tuple besides() {
    if (!write.isPartOfGroup()) {
      return Tuple.NONE;
    }
    @Nullable Field[] beside = new Field[written.length];
    for (int i = 0; i < written.length; i++) {
      boolean isLeftOut = written[i] == null && write.fields.contains(write.shape.field(i));
      beside[i] = isLeftOut ? held.in(i) : null;
    }
    return Tuple.of(beside, Field.ABSENT);
  }

  private Sibling asSibling(Field value, Field stamp) {
    return mark.sibling(value, stamp);
  }

  private static Field existence(boolean exists) {
    return exists ? FieldImage.EXISTS : FieldImage.IS_GONE;
  }
}
