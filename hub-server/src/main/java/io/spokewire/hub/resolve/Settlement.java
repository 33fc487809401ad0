package io.spokewire.hub.resolve;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.Field;
import io.spokewire.common.change.RowBlock;
import io.spokewire.common.change.RowBlockWriter;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.change.TupleReader;
import io.spokewire.common.change.TupleWriter;
import io.spokewire.common.clock.VectorClock;
import io.spokewire.common.config.Plan.DeletePolicy;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.PlanVersion;
import io.spokewire.common.id.SchemaId;
import io.spokewire.hub.entry.ConflictKind;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.entry.RowResolution;
import io.spokewire.hub.resolve.rule.FieldRule;
import io.spokewire.hub.resolve.rule.Sibling;
import io.spokewire.hub.resolve.rule.Sum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The decision on one write that met something it had not seen, or whose origin may need an answer:
 * the siblings per field, the value each field gets, and what everybody is sent.
 */
final class Settlement implements RowWindow.LiveSiblings {
  /** What the audit names where no policy of the plan was asked. */
  private static final String TRUNCATE_RULE = "truncate";

  private final Mark mark;
  private final RowWindow row;
  private final RowWrite write;
  private final @Nullable Field[] written;
  private final @Nullable Field[] previous;

  /** By field: the siblings that this write had not seen; no entry where there are none. */
  private final Map<Integer, List<Version>> live = new HashMap<>();

  /** By column: the value after this write, ABSENT if it has none; null where it wrote nothing. */
  private final @Nullable Field[] settled;

  /** By column: what an adding field grew by. */
  private final @Nullable Bytes[] deltas;

  private final List<Clash> clashes = new ArrayList<>();
  private boolean exists;
  private boolean existedBefore;
  private String existenceRule = "";
  private Bytes forOthers = Bytes.EMPTY;
  private Bytes forOrigin = Bytes.EMPTY;
  private Delivery toOthers = Delivery.NONE;
  private Delivery toOrigin = Delivery.NONE;
  private Tuple whole = Tuple.NONE;

  private Settlement(Mark mark, RowWindow row, RowWrite write) {
    this.mark = mark;
    this.row = row;
    this.write = write.detached();
    this.written = write.written();
    this.previous = write.previous();
    this.settled = new Field[write.shape.columns()];
    this.deltas = new Bytes[write.shape.columns()];
    findLive();
  }

  /** Decides. */
  static Settlement of(Mark mark, RowWindow row, RowWrite write, TableRules rules) {
    Settlement s = new Settlement(mark, row, write);
    Boolean before = row.exists();
    s.existedBefore = before == null ? write.kind != RowWrite.Kind.INSERT : before;
    List<Version> rivals = s.settleExistence(rules.delete());
    s.settleFields();
    if (!rivals.isEmpty()) {
      s.noteExistence(rivals);
    }
    s.answerOthers();
    s.answerOrigin();
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
    s.toOthers = deliveryOf(logged.forOthers(), shapes);
    s.toOrigin = deliveryOf(logged.forOrigin(), shapes);
    Tuple sentBack = wholeOf(logged.forOrigin());
    s.whole = sentBack.isNone() ? wholeOf(logged.forOthers()) : sentBack;
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
        index, encode(change), Bytes.EMPTY, !gone, gone ? Tuple.NONE : write.after);
  }

  /**
   * Whether the write goes through as if it had met nothing: its own values stand, everybody else
   * needs exactly what it wrote, and its origin needs nothing.
   */
  boolean changesNothing() {
    if (!clashes.isEmpty() || !toOrigin.isNothing() || exists != write.exists()) {
      return false;
    }
    if (write.kind != RowWrite.Kind.UPDATE) {
      return toOthers == Delivery.WHOLE && Arrays.equals(settled, written);
    }
    if (!existedBefore) {
      return false;
    }
    for (int i = 0; i < written.length; i++) {
      if (!toOthers.overwrote(write.shape.field(i))
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
      if (toOthers.touched(field) && !toOthers.overwrote(field)) {
        sibling.remove(field); // a delta is nobody's rival
      }
    }
    return new Version(row, mark, write, sibling, toOthers, toOrigin, exists, result(), whole);
  }

  /** What the log keeps of it. */
  RowResolution resolution(int index) {
    return new RowResolution(index, forOthers, forOrigin, exists, result());
  }

  /** Whether the row stays. */
  boolean exists() {
    return exists;
  }

  /** Whether the origin needs anything. */
  boolean answersOrigin() {
    return !toOrigin.isNothing();
  }

  List<ConflictRecord> conflicts(ClockBook clocks, PlanVersion version) {
    if (clashes.isEmpty()) {
      return List.of();
    }
    Witness witness = new Witness(clocks);
    List<ConflictRecord> records = new ArrayList<>(clashes.size());
    for (Clash clash : clashes) {
      List<ConflictWrite> others = new ArrayList<>(clash.rivals().size() - 1);
      for (Weighed rival : clash.rivals()) {
        if (rival.version() != clash.target().version()) {
          others.add(witness.of(rival));
        }
      }
      records.add(
          new ConflictRecord(
              row.table.name,
              write.shape.schema.id(),
              row.key,
              clash.field(),
              clash.kind(),
              clash.base(),
              witness.own(clash.own(), clash.ownRow()),
              witness.of(clash.target()),
              others,
              clash.rule(),
              version,
              clash.result(),
              clash.open()));
    }
    return records;
  }

  @Override
  public void takeSeen(Version sibling, FieldSet taken) {
    FieldSet seen = taken.copy();
    live.forEach(
        (field, versions) -> {
          if (versions.contains(sibling)) {
            seen.remove(field);
          }
        });
    sibling.sibling.removeAll(seen);
  }

  private void findLive() {
    findLive(Shape.EXISTENCE);
    for (int i = 0; i < written.length; i++) {
      if (write.fields.contains(write.shape.field(i))) {
        findLive(write.shape.field(i));
      }
    }
  }

  /**
   * A new row has nothing to fear of a TRUNCATE that had not seen it: it takes the TRUNCATE's place
   * as if it had seen it, so that what is made of the row later meets it no more.
   */
  private void findLive(int field) {
    List<Version> versions = row.live(field, mark);
    if (write.isNewRow()) {
      versions.removeIf(v -> v.write.isTruncation());
    }
    if (!versions.isEmpty()) {
      live.put(field, versions);
    }
  }

  private List<Version> liveFor(int field) {
    return live.getOrDefault(field, List.of());
  }

  /** The versions it was weighed against; none if nobody says otherwise. */
  private List<Version> settleExistence(DeletePolicy policy) {
    List<Version> others = row.live(Shape.EXISTENCE, mark);
    exists = write.exists();
    if (others.stream().allMatch(v -> v.write.exists() == write.exists())) {
      return List.of();
    }
    List<Version> rivals = liveFor(Shape.EXISTENCE);
    existenceRule = TRUNCATE_RULE;
    if (write.isTruncation() || rivals.stream().anyMatch(v -> v.write.isTruncation())) {
      exists = write.isTruncation() && row.isNewTo(mark);
    } else if (rivals.stream().anyMatch(v -> v.write.exists() != write.exists())) {
      existenceRule = policy.name().toLowerCase(Locale.ROOT);
      List<Sibling> siblings = new ArrayList<>();
      rivals.forEach(v -> siblings.add(v.asSibling(existence(v.write.exists()), Field.ABSENT)));
      siblings.add(asSibling(existence(write.exists()), Field.ABSENT));
      exists = exists(policy, siblings);
    }
    return others;
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

  /** Keeps every row that was written or deleted, whole as far as it is known: one side loses. */
  private void noteExistence(List<Version> others) {
    RowImages images = new RowImages(row, write);
    List<Weighed> rivals = new ArrayList<>(others.size());
    Weighed target = null;
    for (Version v : others) {
      Weighed rival = new Weighed(v, existence(v.write.exists()), images.of(v));
      rivals.add(rival);
      if (v.write.exists() != write.exists()) {
        target = rival;
      }
    }
    Weighed met = Objects.requireNonNull(target, "somebody says otherwise");
    clashes.addFirst(
        new Clash(
            ConflictRecord.EXISTENCE,
            kindAgainst(met.version()),
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
      others.addAll(liveFor(write.shape.field(ordinal)));
    }
    others.removeIf(v -> !v.write.exists());
    if (others.isEmpty()) {
      for (int ordinal : group.ordinals()) {
        settled[ordinal] = written[ordinal];
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
      Field mine = heldByWriter(ordinal);
      Field result = winner == candidates.size() ? mine : heldBy(candidates.get(winner), ordinal);
      settled[ordinal] = result == null ? written[ordinal] : result;
      if (write.exists() && mine != null) {
        noteGroupColumn(ordinal, mine, candidates, rule);
      }
    }
  }

  private void noteGroupColumn(int ordinal, Field mine, List<Version> candidates, FieldRule rule) {
    List<Weighed> rivals = new ArrayList<>();
    Weighed target = null;
    for (Version v : candidates) {
      Field theirs = heldBy(v, ordinal);
      if (theirs != null) {
        Weighed rival = new Weighed(v, theirs, null);
        rivals.add(rival);
        target = theirs.equals(mine) ? target : rival;
      }
    }
    if (target != null) {
      Field result = settled[ordinal];
      clash(ordinal, mine, target, rivals, rule, result == null ? Field.ABSENT : result);
    }
  }

  /** What the writer's site held in a column after the write; null if nobody wrote it. */
  private @Nullable Field heldByWriter(int ordinal) {
    Field value = written[ordinal];
    return value != null ? value : row.seenBy(mark, write.shape.field(ordinal));
  }

  /** What a sibling's site held in a column after it; null if nobody wrote it. */
  private @Nullable Field heldBy(Version version, int ordinal) {
    int field = write.shape.field(ordinal);
    Field value = version.written(field);
    if (value.isPresent()) {
      return value;
    }
    Field seen = row.seenBy(version.mark, field);
    return seen != null ? seen : previous[ordinal]; // ours is the first write to it
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
    List<Weighed> rivals = new ArrayList<>();
    Weighed target = null;
    for (Version v : liveFor(field)) {
      Field theirs = v.written(field);
      if (theirs.isPresent()) {
        present.add(v.asSibling(theirs, v.write.stamp(rule)));
        Weighed rival = new Weighed(v, theirs, null);
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
      int ordinal, Field mine, Weighed target, List<Weighed> rivals, FieldRule rule, Field result) {
    Field before = previous[ordinal];
    clashes.add(
        new Clash(
            write.shape.schema.columns().get(ordinal).name(),
            kindAgainst(target.version()),
            FieldImage.of(before == null ? Field.ABSENT : before),
            mine,
            null,
            target,
            rivals,
            rule.strategy(),
            FieldImage.of(result),
            rule.awaitsDecision()));
  }

  private void answerOthers() {
    if (!exists) {
      if (existedBefore || write.isTruncation()) {
        forOthers = encode(deletion(known()));
        toOthers = Delivery.WHOLE;
      }
      return;
    }
    if (!existedBefore || write.kind == RowWrite.Kind.INSERT || (mark.isOfHub() && knowsAll())) {
      forOthers = encode(wholeRow(existedBefore, known()));
      toOthers = Delivery.WHOLE;
      return;
    }
    FieldSet absolute = new FieldSet();
    FieldSet added = new FieldSet();
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    for (int i = 0; i < settled.length; i++) {
      int field = write.shape.field(i);
      Field value = settled[i];
      Bytes delta = deltas[i];
      if (delta != null) {
        tuple.putDelta(delta);
        added.add(field);
      } else if (value != null && value.isPresent() && !value.equals(valueBefore(i, field))) {
        tuple.put(value);
        absolute.add(field);
      } else {
        tuple.putUnchanged();
      }
    }
    toOthers = Delivery.ofFields(absolute, added);
    if (!toOthers.isNothing()) {
      forOthers = encode(update(absolute, known(), new Tuple(sink.toBytes())));
    }
  }

  private void answerOrigin() {
    boolean existenceInDoubt =
        exists != write.exists() || row.hasUnseenOverwrite(Shape.EXISTENCE, mark);
    if (!exists) {
      if (existenceInDoubt) {
        forOrigin = encode(deletion(leftAtOrigin()));
        toOrigin = Delivery.WHOLE;
      }
      return;
    }
    if (existenceInDoubt) {
      forOrigin = encode(wholeRow(write.exists(), leftAtOrigin()));
      toOrigin = Delivery.WHOLE;
      return;
    }
    FieldSet absolute = new FieldSet();
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    for (int i = 0; i < settled.length; i++) {
      Field value = settled[i];
      if (value != null && value.isPresent() && originLacks(i, value)) {
        tuple.put(value);
        absolute.add(write.shape.field(i));
      } else {
        tuple.putUnchanged();
      }
    }
    toOrigin = Delivery.ofFields(absolute, new FieldSet());
    if (!toOrigin.isNothing()) {
      forOrigin = encode(update(absolute, leftAtOrigin(), new Tuple(sink.toBytes())));
    }
  }

  /** Whether the origin's database may hold something else in this column than what was settled. */
  private boolean originLacks(int ordinal, Field value) {
    int field = write.shape.field(ordinal);
    if (deltas[ordinal] != null) {
      return row.hasUnseenOverwrite(field, mark);
    }
    return !value.equals(heldByWriter(ordinal))
        || (write.shape.rule(ordinal).addsUp()
            ? row.hasUnseenTouch(field, mark)
            : row.hasUnseenOverwrite(field, mark));
  }

  /** What everybody else had in this column before this write, as far as it is known. */
  private @Nullable Field valueBefore(int ordinal, int field) {
    Field known = row.valueOf(field);
    return known != null ? known : previous[ordinal];
  }

  /** What everybody else had in this row before this write; nothing where nobody asks. */
  private @Nullable Field[] known() {
    @Nullable Field[] values = new Field[settled.length];
    for (int i = 0; i < values.length && write.shape.protectsPending; i++) {
      values[i] = valueBefore(i, write.shape.field(i));
    }
    return values;
  }

  /**
   * What the origin's database holds once this write was its last one: the value that tells it that
   * nothing of its own is pending. Nothing for a sum on whose way something else is: its value
   * there is not known here.
   */
  private @Nullable Field[] leftAtOrigin() {
    @Nullable Field[] values = known();
    for (int i = 0; i < values.length && write.shape.protectsPending; i++) {
      Field own = write.fields.contains(write.shape.field(i)) ? heldByWriter(i) : null;
      if (own != null && own.isPresent()) {
        values[i] = write.shape.rule(i).addsUp() ? sumAtOrigin(i, own) : own;
      }
    }
    return values;
  }

  private @Nullable Field sumAtOrigin(int ordinal, Field own) {
    int field = write.shape.field(ordinal);
    if (deltas[ordinal] != null) {
      return row.hasUnseenOverwrite(field, mark) ? null : settled[ordinal];
    }
    return row.hasUnseenTouch(field, mark) ? null : own;
  }

  private RowChange deletion(@Nullable Field[] previousRow) {
    return new RowChange.Delete(write.shape.schema.id(), write.key, image(previousRow, i -> true));
  }

  private RowChange update(FieldSet replaced, @Nullable Field[] previousRow, Tuple after) {
    Tuple before = image(previousRow, i -> replaced.contains(write.shape.field(i)));
    return new RowChange.Update(write.shape.schema.id(), write.key, before, after);
  }

  /** The fields that are asked for, ABSENT where they are not known; none if nobody asks. */
  private Tuple image(@Nullable Field[] row, IntPredicate isAsked) {
    if (!write.shape.protectsPending) {
      return Tuple.NONE;
    }
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    for (int i = 0; i < row.length; i++) {
      Field value = row[i];
      if (!isAsked.test(i)) {
        tuple.putUnchanged();
      } else {
        tuple.put(value == null ? Field.ABSENT : value);
      }
    }
    return new Tuple(sink.toBytes());
  }

  private boolean knowsAll() {
    for (int i = 0; i < settled.length; i++) {
      Field value = settled[i];
      if ((value == null || !value.isPresent()) && valueBefore(i, write.shape.field(i)) == null) {
        return false;
      }
    }
    return true;
  }

  /**
   * The row as a whole; a site that has set changes of the row aside takes it in their place. Over
   * a row that is there, it says what it replaces, where that is asked for.
   */
  private RowChange wholeRow(boolean replaces, @Nullable Field[] previousRow) {
    Tuple complete = completeRow();
    SchemaId schema = write.shape.schema.id();
    return replaces && write.shape.protectsPending
        ? new RowChange.KeyChange(
            schema, write.key, write.key, image(previousRow, i -> true), complete)
        : new RowChange.Insert(schema, write.key, complete);
  }

  private Tuple completeRow() {
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    for (int i = 0; i < settled.length; i++) {
      Field value = settled[i];
      if (value == null || !value.isPresent()) {
        value = valueBefore(i, write.shape.field(i));
      }
      if (value == null && row.hasShapeWithout(write.shape.field(i))) {
        value = Field.ABSENT; // a site without this column had its say; others fill in the default
      }
      if (value == null) {
        throw Fault.invariant(
            "whole row",
            "no value known for "
                + row.table.name
                + "."
                + write.shape.schema.columns().get(i).name()
                + " of a row that must be sent whole at "
                + mark.position());
      }
      tuple.put(value);
    }
    whole = new Tuple(sink.toBytes());
    return whole;
  }

  private Tuple result() {
    ByteSink sink = new ByteSink();
    TupleWriter tuple = new TupleWriter(sink);
    for (Field value : settled) {
      tuple.put(value == null ? Field.ABSENT : value);
    }
    return new Tuple(sink.toBytes());
  }

  private ConflictKind kindAgainst(Version rival) {
    if (rival.mark.writer().equals(mark.writer())) {
      return ConflictKind.OWN_OVERWRITTEN;
    }
    if (write.isTruncation() || rival.write.isTruncation()) {
      return ConflictKind.TRUNCATE_CONCURRENT;
    }
    if (write.kind == RowWrite.Kind.DELETE) {
      return ConflictKind.DELETE_CONCURRENT_UPDATE;
    }
    if (rival.write.kind == RowWrite.Kind.DELETE) {
      return ConflictKind.UPDATE_DELETED;
    }
    if (write.moved != null && rival.write.kind == RowWrite.Kind.INSERT) {
      return ConflictKind.UPDATE_PKEY_EXISTS;
    }
    return write.kind == RowWrite.Kind.INSERT && rival.write.kind == RowWrite.Kind.INSERT
        ? ConflictKind.INSERT_EXISTS
        : ConflictKind.UPDATE_CONCURRENT;
  }

  private Sibling asSibling(Field value, Field stamp) {
    return mark.sibling(value, stamp);
  }

  private static Field existence(boolean exists) {
    return exists ? FieldImage.EXISTS : FieldImage.IS_GONE;
  }

  private static Bytes encode(RowChange change) {
    return new RowBlockWriter().put(change).toBlock().bytes();
  }

  /** The whole row, if that is what was sent. */
  private static Tuple wholeOf(Bytes encodedRow) {
    if (encodedRow.isEmpty()) {
      return Tuple.NONE;
    }
    return switch (new RowBlock(encodedRow, 1).iterator().next()) {
      case RowChange.Insert c -> c.after().detached();
      case RowChange.KeyChange c -> c.after().detached();
      case RowChange.Update c -> Tuple.NONE;
      case RowChange.Delete c -> Tuple.NONE;
      case RowChange.Truncate c -> Tuple.NONE;
    };
  }

  private static Delivery deliveryOf(Bytes encodedRow, Function<SchemaId, Shape> shapes) {
    if (encodedRow.isEmpty()) {
      return Delivery.NONE;
    }
    RowChange change = new RowBlock(encodedRow, 1).iterator().next();
    if (!(change instanceof RowChange.Update update)) {
      return Delivery.WHOLE;
    }
    Shape shape = shapes.apply(update.schema());
    FieldSet absolute = new FieldSet();
    FieldSet deltas = new FieldSet();
    TupleReader reader = update.after().reader();
    while (reader.next()) {
      switch (reader.tag()) {
        case NULL, VALUE, PREVIOUS -> absolute.add(shape.field(reader.ordinal()));
        case DELTA -> deltas.add(shape.field(reader.ordinal()));
        case UNCHANGED, ABSENT -> {}
      }
    }
    return Delivery.ofFields(absolute, deltas);
  }

  /**
   * A sibling as a clash weighed it.
   *
   * @param row the row it wrote or deleted; null of a column
   */
  private record Weighed(Version version, Field value, @Nullable Tuple row) {}

  /** One conflicting field, before it is given its clocks. */
  private record Clash(
      String field,
      ConflictKind kind,
      FieldImage base,
      Field own,
      @Nullable Tuple ownRow,
      Weighed target,
      List<Weighed> rivals,
      String rule,
      FieldImage result,
      boolean open) {}

  /** Tells of the writes that met; what they have in common over several fields is made once. */
  private final class Witness {
    private final ClockBook clocks;
    private final Map<Version, Tuple> comparable = new IdentityHashMap<>();
    private final Map<Mark, VectorClock> clockOf = new IdentityHashMap<>();
    private @Nullable Tuple ownComparable;

    Witness(ClockBook clocks) {
      this.clocks = clocks;
    }

    ConflictWrite own(Field value, @Nullable Tuple ofExistence) {
      if (ownComparable == null) {
        ownComparable = write.comparable();
      }
      return told(mark, write, value, ofExistence == null ? ownComparable : ofExistence);
    }

    ConflictWrite of(Weighed sibling) {
      Version version = sibling.version();
      Tuple known = sibling.row();
      if (known == null) {
        known = comparable.computeIfAbsent(version, v -> v.write.comparable());
      }
      return told(version.mark, version.write, sibling.value(), known);
    }

    private ConflictWrite told(Mark of, RowWrite write, Field value, Tuple known) {
      return new ConflictWrite(
          of.spoke(),
          of.sequence(),
          of.position(),
          of.time(),
          clockOf.computeIfAbsent(of, clocks::clockOf),
          write.shape.schema.id(),
          write.key,
          value,
          known);
    }
  }
}
