package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.mysql.BinlogEvent.Reader;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a table map event says of a table: always how values lie in the rows, and, as far as the
 * server writes it ({@code binlog_row_metadata}), what they mean. Immutable.
 *
 * @param types of each column, by the log's numbers; what a STRING really is stands in its place
 * @param meta of each column: lengths, digits, as its type has it
 * @param unsigned of each column; null if not said
 * @param names null if not said
 * @param collations of each column, by number; 0 where it has none; null if not said
 * @param labels of enums and sets, null for others; null if not said
 * @param key null if not said
 */
record TableMap(
    String database,
    String table,
    int[] types,
    int[] meta,
    boolean @Nullable [] unsigned,
    @Nullable List<String> names,
    int @Nullable [] collations,
    @Nullable List<byte @Nullable [][]> labels,
    int @Nullable [] key) {
  static final int TINY = 1;
  static final int SHORT = 2;
  static final int LONG = 3;
  static final int FLOAT = 4;
  static final int DOUBLE = 5;
  static final int LONGLONG = 8;
  static final int INT24 = 9;
  static final int DATE = 10;
  static final int YEAR = 13;
  static final int VARCHAR = 15;
  static final int BIT = 16;
  static final int TIMESTAMP2 = 17;
  static final int DATETIME2 = 18;
  static final int TIME2 = 19;
  static final int BLOB_COMPRESSED = 140;
  static final int VARCHAR_COMPRESSED = 141;
  static final int VECTOR = 242;
  static final int JSON = 245;
  static final int NEWDECIMAL = 246;
  static final int ENUM = 247;
  static final int SET = 248;
  static final int BLOB = 252;
  static final int VAR_STRING = 253;
  static final int STRING = 254;
  static final int GEOMETRY = 255;

  static TableMap read(Reader body) {
    body.number(6); // the table's number
    body.u16();
    String database = body.text(body.u8());
    body.u8(); // a zero
    String table = body.text(body.u8());
    body.u8();
    int columns = (int) body.packed();
    int[] types = new int[columns];
    for (int i = 0; i < columns; i++) {
      types[i] = body.u8();
    }
    int end = (int) body.packed();
    end += body.at;
    int[] meta = new int[columns];
    for (int i = 0; i < columns; i++) {
      switch (types[i]) {
        case FLOAT,
            DOUBLE,
            BLOB,
            JSON,
            GEOMETRY,
            VECTOR,
            BLOB_COMPRESSED,
            TIMESTAMP2,
            DATETIME2,
            TIME2 ->
            meta[i] = body.u8();
        case BIT, VARCHAR, VARCHAR_COMPRESSED -> meta[i] = body.u16();
        case NEWDECIMAL -> meta[i] = body.u8() << 8 | body.u8();
        case STRING, VAR_STRING, ENUM, SET -> {
          int first = body.u8();
          int second = body.u8();
          if (first == ENUM || first == SET) {
            types[i] = first;
            meta[i] = second;
          } else {
            // Two bits of the length hide in the type.
            meta[i] = second | ((first & 0x30) ^ 0x30) << 4;
          }
        }
        default -> {}
      }
    }
    body.at = end + (columns + 7) / 8; // and which may be NULL
    return metadata(body, database, table, types, meta);
  }

  private static TableMap metadata(
      Reader body, String database, String table, int[] types, int[] meta) {
    boolean[] unsigned = null;
    List<String> names = null;
    int[] collations = null;
    List<byte[][]> labels = null;
    int[] key = null;
    boolean[] texts = new boolean[types.length];
    boolean[] lists = new boolean[types.length];
    for (int i = 0; i < types.length; i++) {
      texts[i] = isText(types[i]);
      lists[i] = types[i] == ENUM || types[i] == SET;
    }
    while (body.remaining() > 0) {
      int code = body.u8();
      int length = (int) body.packed();
      Reader part = new Reader(body.array, body.at, body.at + length);
      body.at += length;
      switch (code) {
        case 1 -> {
          unsigned = new boolean[types.length];
          int bit = 0;
          for (int i = 0; i < types.length; i++) {
            if (isNumber(types[i])) {
              unsigned[i] = (part.array[part.at + (bit >> 3)] >> (7 - (bit & 7)) & 1) != 0;
              bit++;
            }
          }
        }
        case 2 -> collations = withDefault(part, texts, collations);
        case 3 -> collations = each(part, texts, collations);
        case 4 -> {
          names = new ArrayList<>();
          while (part.remaining() > 0) {
            names.add(part.text((int) part.packed()));
          }
        }
        case 5 -> labels = labels(part, types, SET, labels);
        case 6 -> labels = labels(part, types, ENUM, labels);
        case 8 -> {
          List<Integer> columns = new ArrayList<>();
          while (part.remaining() > 0) {
            columns.add((int) part.packed());
          }
          key = columns.stream().mapToInt(Integer::intValue).toArray();
        }
        case 9 -> key = new int[0]; // of parts of columns, which is no key for us
        case 10 -> collations = withDefault(part, lists, collations);
        case 11 -> collations = each(part, lists, collations);
        default -> {}
      }
    }
    return new TableMap(database, table, types, meta, unsigned, names, collations, labels, key);
  }

  private static int[] withDefault(Reader part, boolean[] which, int @Nullable [] before) {
    int[] collations = before == null ? new int[which.length] : before;
    int usual = (int) part.packed();
    for (int i = 0; i < which.length; i++) {
      if (which[i]) {
        collations[i] = usual;
      }
    }
    while (part.remaining() > 0) {
      int index = (int) part.packed();
      int collation = (int) part.packed();
      for (int i = 0; i < which.length; i++) {
        if (which[i] && index-- == 0) {
          collations[i] = collation;
        }
      }
    }
    return collations;
  }

  private static int[] each(Reader part, boolean[] which, int @Nullable [] before) {
    int[] collations = before == null ? new int[which.length] : before;
    for (int i = 0; i < which.length; i++) {
      if (which[i]) {
        collations[i] = (int) part.packed();
      }
    }
    return collations;
  }

  private static List<byte[][]> labels(
      Reader part, int[] types, int type, @Nullable List<byte[][]> before) {
    List<byte[][]> labels =
        before == null ? new ArrayList<>(Arrays.asList(new byte[types.length][][])) : before;
    for (int i = 0; i < types.length; i++) {
      if (types[i] == type) {
        byte[][] each = new byte[(int) part.packed()][];
        for (int j = 0; j < each.length; j++) {
          each[j] = part.bytes((int) part.packed());
        }
        labels.set(i, each);
      }
    }
    return labels;
  }

  private static boolean isNumber(int type) {
    return switch (type) {
      case TINY, SHORT, INT24, LONG, LONGLONG, NEWDECIMAL, FLOAT, DOUBLE, YEAR -> true;
      default -> false;
    };
  }

  private static boolean isText(int type) {
    return switch (type) {
      case VARCHAR, VAR_STRING, STRING, BLOB, VARCHAR_COMPRESSED, BLOB_COMPRESSED -> true;
      default -> false;
    };
  }

  int columns() {
    return types.length;
  }

  /** Where the value of a column that begins at {@code at} ends. */
  int endOf(int column, byte[] array, int at) {
    int m = meta[column];
    return switch (types[column]) {
      case TINY, YEAR -> at + 1;
      case SHORT -> at + 2;
      case INT24, DATE -> at + 3;
      case LONG, FLOAT -> at + 4;
      case LONGLONG, DOUBLE -> at + 8;
      case TIMESTAMP2 -> at + 4 + (m + 1) / 2;
      case DATETIME2 -> at + 5 + (m + 1) / 2;
      case TIME2 -> at + 3 + (m + 1) / 2;
      case NEWDECIMAL -> at + BinaryDecimal.length(m >> 8, m & 0xFF);
      case ENUM, SET -> at + m;
      case BIT -> at + ((m >> 8) * 8 + (m & 0xFF) + 7) / 8;
      case VARCHAR, VAR_STRING, STRING ->
          m > 255
              ? at + 2 + ((array[at] & 0xFF) | (array[at + 1] & 0xFF) << 8)
              : at + 1 + (array[at] & 0xFF);
      case BLOB, JSON, GEOMETRY, VECTOR -> {
        int length = 0;
        for (int i = m - 1; i >= 0; i--) {
          length = length << 8 | (array[at + i] & 0xFF);
        }
        yield at + m + length;
      }
      default -> throw unreadable(column);
    };
  }

  Fault unreadable(int column) {
    int type = types[column];
    String what =
        type == BLOB_COMPRESSED || type == VARCHAR_COMPRESSED
            ? "is COMPRESSED"
            : "is of the log's type " + type + ", perhaps a time of an old format";
    return Fault.of(
            FaultKind.REFUSED,
            "capture",
            "column "
                + (names == null ? "number " + (column + 1) : names.get(column))
                + " "
                + what
                + ", which can't be read")
        .at(database + "." + table)
        .hint(
            "change the column's type (ALTER TABLE … FORCE makes old times new), or take the"
                + " table out of the plan")
        .build();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof TableMap other
        && database.equals(other.database)
        && table.equals(other.table)
        && Arrays.equals(types, other.types)
        && Arrays.equals(meta, other.meta)
        && Objects.equals(names, other.names);
  }

  @Override
  public int hashCode() {
    return database.hashCode() * 31 + table.hashCode();
  }

  @Override
  public String toString() {
    return database + "." + table + Arrays.toString(types);
  }
}
