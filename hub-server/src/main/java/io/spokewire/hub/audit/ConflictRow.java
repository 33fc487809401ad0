package io.spokewire.hub.audit;

import io.spokewire.common.change.SchemaBook;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.change.Tuple;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.hub.entry.ConflictId;
import io.spokewire.hub.entry.ConflictRecord;
import io.spokewire.hub.entry.ConflictWrite;
import io.spokewire.hub.entry.FieldImage;
import io.spokewire.hub.log.ConflictCodec;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row of {@code sync_conflicts}: how a record becomes one, and a row a conflict again. */
final class ConflictRow {
  static final String INSERT =
      """
      INSERT INTO sync_conflicts (id, "timestamp", "table", "key", field, kind, state, base_value,
        source_spoke, source_value, target_spoke, target_value, resolution, result, position,
        source_clock, target_clock, rule_version, source_time, target_time, source_deleted,
        target_deleted, others, value_type, incarnation, channel, ordinal, source_sequence,
        target_sequence, key_text, key_start, exact)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
        ?, ?, ?, ?)
      """;

  /** Of one width, so that text order is time order. */
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private static final int KEY_START = 200;
  private static final int LONGEST_NAME = 200;

  private final SchemaBook schemas;

  ConflictRow(SchemaBook schemas) {
    this.schemas = schemas;
  }

  static String text(Instant instant) {
    return MICROS.format(instant);
  }

  /** The part of a key that is in an index, which takes no values of any length. */
  static String keyStart(String keyText) {
    return start(keyText, KEY_START);
  }

  void bind(PreparedStatement statement, long id, Instant found, ConflictId at, ConflictRecord c)
      throws SQLException {
    TableSchema schema = schemas.get(c.schema());
    Position position = at.position();
    String keyText = ReadableValue.keyAsText(schema, c.key());
    Binder to = new Binder(statement);
    to.add(id).add(text(found)).add(c.table().name());
    to.add(ReadableValue.keyAsJson(schema, c.key())).add(c.field()).add(c.kind().label());
    to.add((c.open() ? ConflictState.OPEN : ConflictState.SETTLED).label());
    to.add(ReadableValue.of(schema, c.field(), c.base()));
    to.add(c.source().spoke().name()).add(value(c, c.source()));
    to.add(c.target().spoke().name()).add(value(c, c.target()));
    to.add(start(c.rule(), LONGEST_NAME)).add(ReadableValue.of(schema, c.field(), c.result()));
    to.add(position.number());
    to.add(JsonText.of(c.source().clock())).add(JsonText.of(c.target().clock()));
    to.add(c.ruleVersion().number());
    to.add(text(c.source().time().toInstant())).add(text(c.target().time().toInstant()));
    to.add(deleted(c, c.source())).add(deleted(c, c.target())).add(others(c));
    to.add(ReadableValue.typeOf(schema, c.field()));
    to.add(position.incarnation().toString()).add(position.channel().name()).add(at.ordinal());
    to.add(c.source().sequence().number()).add(c.target().sequence().number());
    to.add(keyText).add(keyStart(keyText));
    to.add(new ConflictCodec(position).seal(c));
  }

  static AuditedConflict read(ResultSet row) throws SQLException {
    Position position =
        new Position(
            LogIncarnation.parse(row.getString("incarnation")),
            new ChannelId(row.getString("channel")),
            row.getLong("position"));
    ConflictRecord c = new ConflictCodec(position).open(row.getBytes("exact"));
    return new AuditedConflict(
        row.getLong("id"),
        new ConflictId(position, row.getInt("ordinal")),
        Instant.parse(row.getString("timestamp")),
        row.getString("key"),
        row.getString("value_type"),
        ConflictState.ofLabel(row.getString("state")),
        shown(row, "base_value", c.base()),
        side(c.source(), row.getString("source_value"), row.getString("source_deleted")),
        side(c.target(), row.getString("target_value"), row.getString("target_deleted")),
        others(row, c),
        shown(row, "result", c.result()),
        decision(row),
        c);
  }

  private static Optional<AuditedConflict.Decision> decision(ResultSet row) throws SQLException {
    String by = row.getString("decided_by");
    return by == null
        ? Optional.empty()
        : Optional.of(
            new AuditedConflict.Decision(
                by,
                Instant.parse(row.getString("decided_at")),
                Optional.ofNullable(row.getString("decided_value")),
                row.getString("decided_reason")));
  }

  private static AuditedConflict.Shown shown(ResultSet row, String column, FieldImage image)
      throws SQLException {
    return new AuditedConflict.Shown(Optional.ofNullable(row.getString(column)), image.value());
  }

  private static AuditedConflict.Side side(
      ConflictWrite write, @Nullable String value, @Nullable String deleted) {
    return new AuditedConflict.Side(
        write.spoke(),
        write.sequence(),
        write.position(),
        write.time().toInstant(),
        new AuditedConflict.Shown(Optional.ofNullable(value), write.value()),
        Optional.ofNullable(deleted),
        write.clock());
  }

  private static List<AuditedConflict.Side> others(ResultSet row, ConflictRecord c)
      throws SQLException {
    String json = row.getString("others");
    List<AuditedConflict.Side> sides = new ArrayList<>();
    if (json != null) {
      List<JsonText.Other> texts = JsonText.others(json);
      for (int i = 0; i < c.others().size(); i++) {
        JsonText.Other text = texts.get(i);
        sides.add(side(c.others().get(i), text.value(), text.deleted()));
      }
    }
    return sides;
  }

  private Optional<String> others(ConflictRecord c) {
    if (c.others().isEmpty()) {
      return Optional.empty();
    }
    List<JsonText.Other> others = new ArrayList<>();
    for (ConflictWrite write : c.others()) {
      others.add(
          new JsonText.Other(
              write.spoke().name(),
              write.sequence().number(),
              text(write.time().toInstant()),
              value(c, write).orElse(null),
              deleted(c, write).orElse(null)));
    }
    return Optional.of(JsonText.of(others));
  }

  /** What a write wrote; of a delete nothing. */
  private Optional<String> value(ConflictRecord c, ConflictWrite write) {
    Tuple row = isOfRow(c) ? write.row() : Tuple.NONE;
    return ReadableValue.of(
        schemas.get(write.schema()), c.field(), new FieldImage(write.value(), row));
  }

  /** The row that a write deleted, if it did and the row is known. */
  private Optional<String> deleted(ConflictRecord c, ConflictWrite write) {
    return isOfRow(c) && !ReadableValue.exists(write.value()) && !write.row().isNone()
        ? Optional.of(ReadableValue.rowAsJson(schemas.get(write.schema()), write.row()))
        : Optional.empty();
  }

  private static boolean isOfRow(ConflictRecord c) {
    return c.field().equals(ConflictRecord.EXISTENCE);
  }

  private static String start(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    boolean splits = Character.isHighSurrogate(text.charAt(most - 1));
    return text.substring(0, splits ? most - 1 : most);
  }

  /** Sets a statement's parameters one after the other. */
  private static final class Binder {
    private final PreparedStatement statement;
    private int index;

    Binder(PreparedStatement statement) {
      this.statement = statement;
    }

    Binder add(long value) throws SQLException {
      statement.setLong(++index, value);
      return this;
    }

    /** PostgreSQL takes no NUL in text. */
    Binder add(String value) throws SQLException {
      statement.setString(++index, value.indexOf('\0') < 0 ? value : value.replace('\0', '\uFFFD'));
      return this;
    }

    Binder add(Optional<String> value) throws SQLException {
      if (value.isPresent()) {
        return add(value.get());
      }
      statement.setNull(++index, Types.VARCHAR);
      return this;
    }

    Binder add(byte[] value) throws SQLException {
      statement.setBytes(++index, value);
      return this;
    }
  }
}
