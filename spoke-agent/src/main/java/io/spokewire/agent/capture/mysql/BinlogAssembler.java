package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.Captured;
import io.spokewire.agent.capture.OpenTransaction;
import io.spokewire.agent.capture.ReadyEvents;
import io.spokewire.agent.capture.RowSpool;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.capture.mysql.BinlogEvent.Reader;
import io.spokewire.agent.capture.mysql.RowsDecoder.Kind;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.LocalName;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.change.RowChange;
import io.spokewire.common.change.TableSchema;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SourcePosition;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts events together into transactions and gives those that committed, in commit order. A
 * prepared XA transaction lies beside until it is decided, and takes the place of its decision; a
 * position in between is such that reading from it meets the prepared one again. Not thread-safe.
 */
final class BinlogAssembler implements AutoCloseable {
  private static final int MARIADB_STANDALONE = 1;

  /** The number of a table in an event that only ends a statement. */
  private static final long NO_TABLE = 0xFF_FFFF;

  private final TablePlans plans;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final SpoolDirectory spools;
  private final RowsDecoder decoder = new RowsDecoder();
  private final Object place;
  private final String defaultDatabase;

  private final GtidSet done;

  /** Where reading went on; what lies before it was given already. Only MariaDB goes back. */
  private final GtidSet begun;

  private final Map<String, Prepared> prepared = new LinkedHashMap<>();
  private final ReadyEvents ready = new ReadyEvents();

  private OpenTransaction current;
  private final Map<String, RowSpool.Mark> savepoints = new HashMap<>(); // of the current one

  /** Plans by the numbers that the log gives tables inside a statement. */
  private final Map<Long, TablePlan> tables = new HashMap<>();

  private boolean open;
  private boolean inRows;
  private long commitMicros;
  private String server = "";
  private long domain;
  private long mariaServer;
  private long number;
  private SourcePosition lastPosition;

  /**
   * @param isNew whether a marker's positions are not applied yet at this place of the log; a
   *     marker that is not new is a copy, and the transaction around it a user's own
   * @param start where events are wanted from
   * @param resumed where reading begins, which may be earlier
   */
  BinlogAssembler(
      TablePlans plans,
      MarkerSeal seal,
      Predicate<AppliedMarker> isNew,
      SpoolDirectory spools,
      Object place,
      String defaultDatabase,
      GtidSet start,
      GtidSet resumed) {
    this.plans = plans;
    this.seal = seal;
    this.isNew = isNew;
    this.spools = spools;
    this.place = place;
    this.defaultDatabase = defaultDatabase;
    this.begun = start;
    this.done = resumed;
    this.lastPosition = start.position();
    this.current = new OpenTransaction(new RowSpool(spools));
  }

  /** The next event, or null if more are needed. */
  @Nullable Captured poll() {
    return ready.poll();
  }

  boolean isBetweenTransactions() {
    return !open;
  }

  /** The end of the last transaction that was met; everything up to there is given or ready. */
  SourcePosition lastPosition() {
    return lastPosition;
  }

  void accept(BinlogEvent event) {
    switch (event.type()) {
      case BinlogEvent.TABLE_MAP -> tableMap(event);
      case BinlogEvent.WRITE_ROWS,
          BinlogEvent.UPDATE_ROWS,
          BinlogEvent.DELETE_ROWS,
          BinlogEvent.WRITE_ROWS_1,
          BinlogEvent.UPDATE_ROWS_1,
          BinlogEvent.DELETE_ROWS_1,
          BinlogEvent.WRITE_ROWS_COMPRESSED,
          BinlogEvent.UPDATE_ROWS_COMPRESSED,
          BinlogEvent.DELETE_ROWS_COMPRESSED,
          BinlogEvent.WRITE_ROWS_COMPRESSED_1,
          BinlogEvent.UPDATE_ROWS_COMPRESSED_1,
          BinlogEvent.DELETE_ROWS_COMPRESSED_1 ->
          rows(event);
      case BinlogEvent.GTID -> mySqlGtid(event);
      case BinlogEvent.MARIADB_GTID -> mariaDbGtid(event);
      case BinlogEvent.QUERY, BinlogEvent.QUERY_COMPRESSED -> query(event);
      case BinlogEvent.XID -> {
        commitAt(event);
        finish(current);
        end();
      }
      case BinlogEvent.XA_PREPARE -> xaPrepare(event);
      case BinlogEvent.TRANSACTION_PAYLOAD -> Compression.unpack(event, this::accept);
      case BinlogEvent.FORMAT_DESCRIPTION, BinlogEvent.STOP -> {
        // A new file: what was open will not be ended any more.
        end();
      }
      case BinlogEvent.ANONYMOUS_GTID ->
          throw Fault.of(
                  FaultKind.REFUSED, "capture", "the server writes transactions without GTIDs")
              .at(place)
              .hint("SET GLOBAL gtid_mode step by step to ON")
              .build();
      case BinlogEvent.TAGGED_GTID ->
          throw Fault.of(FaultKind.REFUSED, "capture", "GTIDs with tags can't be read yet")
              .at(place)
              .hint("do not set gtid_next = 'AUTOMATIC:tag'")
              .build();
      case BinlogEvent.INCIDENT ->
          throw Resync.unreadable(place, "the server says that it lost events (incident)", null);
      case BinlogEvent.PARTIAL_UPDATE_ROWS ->
          throw Fault.of(
                  FaultKind.NEGATIVE, "capture", "a row in the log has only a part of a JSON")
              .at(place)
              .hint(
                  "SET GLOBAL binlog_row_value_options = ''; compare the site with the others, then"
                      + " let it rejoin")
              .build();
      case BinlogEvent.BEGIN_LOAD_QUERY, BinlogEvent.EXECUTE_LOAD_QUERY ->
          throw asStatement("LOAD DATA");
      default -> {
        // Heartbeats, file names, what a statement was: nothing that changes rows.
      }
    }
  }

  // ---- beginnings

  private void mySqlGtid(BinlogEvent event) {
    Reader body = event.reader();
    body.u8();
    server = new UUID(body.int64BigEndian(), body.int64BigEndian()).toString();
    number = body.number(8);
    long micros = event.seconds() * 1_000_000;
    if (body.remaining() >= 24 && body.u8() == 2) {
      body.number(8);
      body.number(8);
      micros = body.number(7);
      if ((micros & 1L << 55) != 0) {
        micros = body.number(7); // when it was first committed, whatever server this is
      }
    }
    commitMicros = micros;
    begin();
    inRows = false;
  }

  private void mariaDbGtid(BinlogEvent event) {
    Reader body = event.reader();
    number = body.number(8);
    domain = body.u32();
    int flags = body.u8();
    mariaServer = event.server();
    commitMicros = event.seconds() * 1_000_000;
    begin();
    inRows = (flags & MARIADB_STANDALONE) == 0;
  }

  private void begin() {
    end();
    open = true;
  }

  /** MariaDB says nothing finer than when the statement that committed began. */
  private void commitAt(BinlogEvent event) {
    if (done instanceof MariaDbGtids) {
      commitMicros = event.seconds() * 1_000_000;
    }
  }

  // ---- statements

  private void query(BinlogEvent event) {
    Statement statement = Statement.read(event);
    if (statement.is("BEGIN")) {
      inRows = true;
    } else if (statement.startsWith("XA START") || statement.startsWith("XA BEGIN")) {
      inRows = true;
    } else if (statement.startsWith("XA END") || statement.startsWith("XA PREPARE")) {
      // The prepare itself is an event.
    } else if (statement.is("COMMIT")) {
      commitAt(event);
      finish(current);
      end();
    } else if (statement.is("ROLLBACK")) {
      passed();
      end();
    } else if (statement.startsWith("XA COMMIT")) {
      decided(statement.xaName("XA COMMIT"), true, event);
    } else if (statement.startsWith("XA ROLLBACK")) {
      decided(statement.xaName("XA ROLLBACK"), false, event);
    } else if (statement.savepoint().isPresent()) {
      savepoints.put(statement.savepoint().get(), current.spool().mark());
    } else if (statement.rollBackTo().isPresent()) {
      rollBackTo(statement.rollBackTo().get());
    } else {
      other(statement, event);
    }
  }

  /** Drops what came after the savepoint; nothing if it is not known. */
  private void rollBackTo(String savepoint) {
    RowSpool.Mark mark = savepoints.get(savepoint);
    if (mark != null) {
      current.spool().truncate(mark);
    }
  }

  /** A change of the schema, which stands alone or begins a table that is filled at once. */
  private void other(Statement statement, BinlogEvent event) {
    if (statement.changesRows() && concerns(statement)) {
      throw asStatement(statement.sql().substring(0, Math.min(60, statement.sql().length())));
    }
    plans.forget();
    statement.truncated().ifPresent(this::truncate);
    if (!inRows) {
      commitAt(event);
      finish(current);
      end();
    }
  }

  private boolean concerns(Statement statement) {
    return statement.database().equals(defaultDatabase)
        || statement.sql().contains(defaultDatabase);
  }

  private Fault asStatement(String statement) {
    return Fault.of(
            FaultKind.NEGATIVE, "capture", "the log has a statement in place of rows: " + statement)
        .at(place)
        .hint(
            "somebody wrote with binlog_format other than ROW: set it so for all, compare the site"
                + " with the others, then let it rejoin")
        .build();
  }

  private void truncate(LocalName table) {
    Optional<TableSchema> schema = plans.presentSchema(table);
    if (schema.isPresent() && current.marker() == null) {
      current.uses(schema.get());
      current.spool().writer().put(new RowChange.Truncate(schema.get().id()));
      current.spool().rowDone();
    }
  }

  // ---- rows

  private void tableMap(BinlogEvent event) {
    if (current.marker() != null) {
      return;
    }
    long id = event.reader().number(6);
    tables.put(id, plans.planFor(TableMap.read(event.reader())));
  }

  private void rows(BinlogEvent event) {
    if (current.marker() != null) {
      return; // what we applied ourselves
    }
    Reader body = event.reader();
    long id = body.number(6);
    body.u16();
    if (id == NO_TABLE) {
      return;
    }
    Kind kind = Kind.INSERT;
    boolean compressed = false;
    boolean extra = false;
    switch (event.type()) {
      case BinlogEvent.WRITE_ROWS -> extra = true;
      case BinlogEvent.UPDATE_ROWS -> {
        kind = Kind.UPDATE;
        extra = true;
      }
      case BinlogEvent.DELETE_ROWS -> {
        kind = Kind.DELETE;
        extra = true;
      }
      case BinlogEvent.UPDATE_ROWS_1 -> kind = Kind.UPDATE;
      case BinlogEvent.DELETE_ROWS_1 -> kind = Kind.DELETE;
      case BinlogEvent.WRITE_ROWS_COMPRESSED -> {
        compressed = true;
        extra = true;
      }
      case BinlogEvent.UPDATE_ROWS_COMPRESSED -> {
        kind = Kind.UPDATE;
        compressed = true;
        extra = true;
      }
      case BinlogEvent.DELETE_ROWS_COMPRESSED -> {
        kind = Kind.DELETE;
        compressed = true;
        extra = true;
      }
      case BinlogEvent.WRITE_ROWS_COMPRESSED_1 -> compressed = true;
      case BinlogEvent.UPDATE_ROWS_COMPRESSED_1 -> {
        kind = Kind.UPDATE;
        compressed = true;
      }
      case BinlogEvent.DELETE_ROWS_COMPRESSED_1 -> {
        kind = Kind.DELETE;
        compressed = true;
      }
      default -> {}
    }
    if (extra) {
      int length = body.u16();
      body.at += length - 2;
    }
    TablePlan plan = tables.get(id);
    if (plan == null) {
      throw Fault.invariant("table map", "a row of a table that was not described");
    }
    if (plan.isMarks()) {
      decoder.decodeMarks(kind, compressed, plan, body, this::mark);
      return;
    }
    TableSchema schema = plan.schema();
    if (schema != null) {
      current.uses(schema);
      decoder.decode(kind, compressed, plan, schema, body, current.spool());
    }
  }

  private void mark(Bytes sealed) {
    seal.open(sealed).ifPresent(mark -> current.marked(mark, isNew));
  }

  // ---- ends

  private void xaPrepare(BinlogEvent event) {
    Reader body = event.reader();
    boolean onePhase = body.u8() != 0;
    long format = body.u32();
    int global = (int) body.u32();
    int branch = (int) body.u32();
    if (onePhase) {
      commitAt(event);
      finish(current);
      end();
      return;
    }
    java.util.HexFormat hex = java.util.HexFormat.of();
    String name =
        "x'"
            + hex.formatHex(body.bytes(global))
            + "',x'"
            + hex.formatHex(body.bytes(branch))
            + "',"
            + Integer.toUnsignedString((int) format);
    prepared.put(name, new Prepared(current, done.text(), server, number));
    current = new OpenTransaction(new RowSpool(spools));
    if (done instanceof MariaDbGtids) {
      passed();
    }
    // MySQL: as long as its GTID is left out of the set, the server will send it again.
    end();
  }

  private void decided(String name, boolean committed, BinlogEvent event) {
    commitAt(event);
    Prepared xa = prepared.remove(name.replaceAll("\\s", "").toLowerCase(Locale.ROOT));
    if (xa == null) {
      passed(); // prepared in one phase, or before everything that is read
      end();
      return;
    }
    if (done instanceof MySqlGtids set) {
      set.add(xa.server, xa.number);
    }
    if (committed) {
      finish(xa.transaction);
    } else {
      passed();
    }
    xa.transaction.close();
    end();
  }

  private void end() {
    current.clear();
    savepoints.clear();
    tables.clear();
    open = false;
  }

  /** Takes the transaction into what was read. */
  private void passed() {
    switch (done) {
      case MySqlGtids set -> set.add(server, number);
      case MariaDbGtids set -> {
        set.add(domain, mariaServer, number);
        set.undecidedSince(prepared.isEmpty() ? "" : prepared.values().iterator().next().since);
      }
    }
    if (!isRepeated()) {
      lastPosition = done.position();
    }
  }

  /** Whether the transaction was given before, and is read again for what was prepared beside. */
  private boolean isRepeated() {
    return begun instanceof MariaDbGtids set && set.covers(domain, number);
  }

  private void finish(OpenTransaction transaction) {
    SourcePosition before = lastPosition;
    passed();
    if (isRepeated()) {
      return;
    }
    ready.add(transaction, before, lastPosition, commitMicros);
  }

  /** Frees what lies in the spool; rows that were given stay with their taker. */
  @Override
  public void close() {
    current.close();
    prepared.values().forEach(xa -> xa.transaction.close());
    prepared.clear();
    ready.close();
  }

  /**
   * A transaction that waits for its decision.
   *
   * @param since the place before it
   */
  private record Prepared(OpenTransaction transaction, String since, String server, long number) {}
}
