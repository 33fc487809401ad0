package io.spokewire.common.type;

import io.spokewire.common.type.Meaning.Binary;
import io.spokewire.common.type.Meaning.Clock;
import io.spokewire.common.type.Meaning.Day;
import io.spokewire.common.type.Meaning.Decimal;
import io.spokewire.common.type.Meaning.Floating;
import io.spokewire.common.type.Meaning.Instant;
import io.spokewire.common.type.Meaning.Json;
import io.spokewire.common.type.Meaning.Label;
import io.spokewire.common.type.Meaning.Labels;
import io.spokewire.common.type.Meaning.NumberedTruth;
import io.spokewire.common.type.Meaning.Text;
import io.spokewire.common.type.Meaning.Text.Blanks;
import io.spokewire.common.type.Meaning.Truth;
import io.spokewire.common.type.Meaning.Uuid;
import io.spokewire.common.type.Meaning.Wall;
import io.spokewire.common.type.Meaning.Whole;
import io.spokewire.common.type.Meaning.Year;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What becomes of the values of one column type in another, one way. The rule behind every verdict:
 * what a database would change without a word is refused here; what it refuses itself, row by row,
 * is accepted where the two engines have no types that are closer, and the note says so.
 */
final class Passage {
  private final ColumnType from;
  private final ColumnType to;
  private final List<String> notes = new ArrayList<>();
  private boolean widened;

  private Passage(ColumnType from, ColumnType to) {
    this.from = from;
    this.to = to;
  }

  /** The verdict on values that go from one column to the other. */
  static Verdict of(ColumnType from, ColumnType to) {
    if (from.isSameAs(to)) {
      return new Verdict.Exact("");
    }
    return new Passage(from, to).verdict();
  }

  private Verdict verdict() {
    String refusal = refusal();
    if (!refusal.isEmpty()) {
      return new Verdict.Refused(refusal);
    }
    String note = String.join("; ", notes);
    return widened ? new Verdict.Widened(note) : new Verdict.Exact(note);
  }

  /** Why values can't go this way; empty if they can. Each pair of meanings has one line here. */
  private String refusal() {
    return switch (from.meaning()) {
      case Whole a ->
          switch (to.meaning()) {
            case Whole b -> whole(a, b);
            case Decimal b -> whole(a, b);
            case NumberedTruth b -> whole(a, NumberedTruth.RANGE);
            default -> unlike();
          };
      case NumberedTruth a ->
          switch (to.meaning()) {
            case NumberedTruth b -> "";
            case Truth b -> setAside("numbers other than 0 and 1");
            case Whole b -> whole(NumberedTruth.RANGE, b);
            default -> unlike();
          };
      case Truth a ->
          switch (to.meaning()) {
            case Truth b -> "";
            case NumberedTruth b -> "";
            default -> unlike();
          };
      case Year a ->
          switch (to.meaning()) {
            case Year b -> "";
            case Whole b -> whole(Whole.of(0, 2155), b);
            default -> unlike();
          };
      case Decimal a ->
          switch (to.meaning()) {
            case Decimal b -> decimal(a, b);
            case Whole b -> decimal(a, b);
            default -> unlike();
          };
      case Floating a -> to.meaning() instanceof Floating b ? floating(a, b) : unlike();
      case Text a ->
          switch (to.meaning()) {
            case Text b -> text(a, b);
            case Uuid b when Meaning.holdsUuid(a) -> {
              setAside("texts other than UUIDs in lower case with hyphens");
              yield uuid();
            }
            case Json b when a.isLarge() && b.form() != Json.Form.SORTED_64 -> jsonOfText(b);
            default -> unlike();
          };
      case Label a ->
          switch (to.meaning()) {
            case Label b -> labels(a.labels(), b.labels());
            case Text b -> labelAsText(a.labels(), b);
            default -> unlike();
          };
      case Labels a ->
          switch (to.meaning()) {
            case Labels b -> a.labels().equals(b.labels()) ? "" : "the labels differ";
            case Text b -> labelAsText(List.of(String.join(",", a.labels())), b);
            default -> unlike();
          };
      case Binary a ->
          switch (to.meaning()) {
            case Binary b -> binary(a, b);
            case Uuid b when a.fixed() && a.most() == 16 -> uuid();
            default -> unlike();
          };
      case Uuid a ->
          switch (to.meaning()) {
            case Uuid b -> uuid();
            case Binary b when b.fixed() && b.most() == 16 -> "";
            case Text b when Meaning.holdsUuid(b) -> "";
            default -> unlike();
          };
      case Day a -> to.meaning() instanceof Day ? day() : unlike();
      case Clock a -> to.meaning() instanceof Clock b ? clock(a, b) : unlike();
      case Wall a ->
          switch (to.meaning()) {
            case Wall b -> moment(a.digits(), b.digits());
            case Instant b -> zone();
            default -> unlike();
          };
      case Instant a ->
          switch (to.meaning()) {
            case Instant b -> instant(a, b);
            case Wall b -> zone();
            default -> unlike();
          };
      case Json a ->
          switch (to.meaning()) {
            case Json b -> json(a.form(), b.form());
            case Text b when b.isLarge() -> textOfJson(a);
            default -> unlike();
          };
      case Meaning.Own a -> own();
    };
  }

  // ---- numbers

  private String whole(Whole a, Whole b) {
    if (b.has(a)) {
      widened = !a.equals(b);
      return "";
    }
    if (isClosestTo(b)) {
      return setAside("numbers outside " + b.least() + " to " + b.most());
    }
    return "it holds numbers from %s to %s, the other from %s to %s"
        .formatted(a.least(), a.most(), b.least(), b.most());
  }

  /** Whether no type of the sender's engine is closer to these numbers than the one it has. */
  private boolean isClosestTo(Whole range) {
    if (from.engine().isRelatedTo(to.engine())) {
      return false;
    }
    String closest = Counterparts.wholeInPostgres(range);
    return from.isPostgres() && from.nativeType().text().equals(closest);
  }

  private String whole(Whole a, Decimal b) {
    if (b.isAny() || b.wholeDigits() >= a.digits()) {
      if (b.unsigned() && a.least().signum() < 0) {
        return "the other holds no negative numbers";
      }
      widened = true;
      return "";
    }
    return "the other has " + b.wholeDigits() + " digits before the point";
  }

  private String decimal(Decimal a, Whole b) {
    if (a.scale() != 0) {
      return "the other has no digits behind the point";
    }
    return isClosestTo(b)
        ? setAside("NaN and numbers outside " + b.least() + " to " + b.most())
        : "its " + a.precision() + " digits do not all fit";
  }

  private String decimal(Decimal a, Decimal b) {
    if (b.isAny()) {
      widened = !a.isAny();
      return "";
    }
    if (a.isAny()) {
      return "it holds any number of digits, the other " + b.precision() + ": it would be rounded";
    }
    if (a.scale() > b.scale()) {
      return "the other has %d digits behind the point, not %d: it would be rounded"
          .formatted(b.scale(), a.scale());
    }
    if (a.wholeDigits() > b.wholeDigits()) {
      return "the other has %d digits before the point, not %d"
          .formatted(b.wholeDigits(), a.wholeDigits());
    }
    if (b.unsigned() && !a.unsigned()) {
      if (!from.isPostgres()) {
        return "the other holds no negative numbers";
      }
      setAside("negative numbers");
    }
    if (from.isPostgres() && !to.isPostgres()) {
      setAside("NaN");
    }
    widened =
        a.scale() != b.scale()
            || a.precision() != b.precision()
            || (a.unsigned() && !b.unsigned() && !to.isPostgres());
    return "";
  }

  private String floating(Floating a, Floating b) {
    if (b.rounded()) {
      return "the other rounds to a number of decimal digits";
    }
    if (a.bits() > b.bits()) {
      return "the other has half the bits: it would be rounded";
    }
    if (b.unsigned() && !a.unsigned()) {
      return "the other holds no negative numbers";
    }
    if (from.isPostgres() && !to.isPostgres()) {
      setAside("NaN and infinities");
    }
    widened = a.bits() < b.bits() || a.rounded() || a.unsigned() != b.unsigned();
    return "";
  }

  // ---- texts

  private String text(Text a, Text b) {
    if (!b.repertoire().has(a.repertoire())) {
      return "the other's character set %s lacks characters that it has"
          .formatted(b.repertoire().name());
    }
    if (b.blanks() == Blanks.ADDED) {
      return "PostgreSQL fills the other up with spaces";
    }
    if (b.blanks() == Blanks.CUT && a.blanks() != Blanks.CUT) {
      return "the other cuts spaces at the end";
    }
    if (a.blanks() == Blanks.ADDED) {
      return "PostgreSQL fills it up with spaces";
    }
    String length = length(a, b);
    if (!length.isEmpty()) {
      return length;
    }
    if (to.isPostgres() && !from.isPostgres()) {
      setAside("the character U+0000");
    }
    widened |= a.blanks() != b.blanks() || !a.repertoire().equals(b.repertoire()) || longer(a, b);
    return "";
  }

  private static boolean longer(Text a, Text b) {
    return !(a.isLarge() && b.isLarge()) && (a.limit() != b.limit() || a.bytes() != b.bytes());
  }

  private String length(Text a, Text b) {
    return switch (b.limit()) {
      case NONE -> "";
      case CHARACTERS ->
          a.characters() <= b.characters()
              ? ""
              : "the other takes " + b.characters() + " characters, not " + limit(a);
      case BYTES -> {
        if (a.bytes() <= b.bytes()) {
          yield "";
        }
        yield b.isLarge()
            ? setAside("texts of more than " + b.bytes() + " bytes")
            : "the other takes " + b.bytes() + " bytes, not " + limit(a);
      }
    };
  }

  private static String limit(Text text) {
    return switch (text.limit()) {
      case NONE -> "any number";
      case CHARACTERS -> text.characters() + " characters";
      case BYTES -> text.bytes() + " bytes";
    };
  }

  private String labels(List<String> a, List<String> b) {
    Set<String> unknown = new HashSet<>(a);
    b.forEach(unknown::remove);
    for (String label : unknown) {
      for (String other : b) {
        if (label.strip().toLowerCase(Locale.ROOT).equals(other.strip().toLowerCase(Locale.ROOT))) {
          return "its label '%s' would become '%s'".formatted(label, other);
        }
      }
    }
    if (!unknown.isEmpty()) {
      setAside("labels that the other lacks");
    }
    return "";
  }

  private String labelAsText(List<String> labels, Text b) {
    int longest = labels.stream().mapToInt(String::length).max().orElse(0);
    if (b.blanks() != Blanks.KEPT || b.characters() < longest) {
      return "the other does not take its longest label as it is";
    }
    if (!b.repertoire().equals(Repertoire.ALL) && !labels.stream().allMatch(Passage::isAscii)) {
      return "the other's character set %s lacks characters that its labels may have"
          .formatted(b.repertoire().name());
    }
    widened = true;
    return "";
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 128);
  }

  private String binary(Binary a, Binary b) {
    if (b.fixed()) {
      return a.fixed() && a.most() == b.most()
          ? ""
          : "the other fills its values up with zeros to " + b.most() + " bytes";
    }
    if (a.most() > b.most()) {
      return b.most() >= Meaning.LARGE
          ? setAside("values of more than " + b.most() + " bytes")
          : "the other takes " + b.most() + " bytes";
    }
    widened = a.fixed() || (a.most() != b.most() && a.most() < Meaning.LARGE);
    return "";
  }

  // ---- dates and times

  private String day() {
    calendar();
    return "";
  }

  /** Where the two calendars end. */
  private void calendar() {
    if (from.isPostgres() && !to.isPostgres()) {
      setAside("infinity, years BC and years after 9999");
    } else if (to.isPostgres() && !from.isPostgres()) {
      setAside("zero dates and days that no calendar has");
    }
  }

  private String clock(Clock a, Clock b) {
    if (a.digits() > b.digits()) {
      return fraction(a.digits(), b.digits());
    }
    if (to.isPostgres() && !from.isPostgres()) {
      setAside("times below 00:00 and beyond 24:00");
    }
    widened = a.digits() < b.digits();
    return "";
  }

  private String moment(int a, int b) {
    if (a > b) {
      return fraction(a, b);
    }
    calendar();
    widened = a < b;
    return "";
  }

  private String instant(Instant a, Instant b) {
    if (a.digits() > b.digits()) {
      return fraction(a.digits(), b.digits());
    }
    if (from.isPostgres() && !to.isPostgres()) {
      setAside("instants outside 1970 to 2038-01-19 (MariaDB from 11.5 on: to 2106)");
    } else if (to.isPostgres() && !from.isPostgres()) {
      setAside("zero dates");
    }
    widened = a.digits() < b.digits();
    return "";
  }

  private static String fraction(int a, int b) {
    return "the other has %d digits of a second's fraction, not %d: it would be rounded"
        .formatted(b, a);
  }

  private static String zone() {
    return "one is a point in time, the other a time of some place that it does not name";
  }

  // ---- JSON

  private String json(Json.Form a, Json.Form b) {
    if (b == Json.Form.SORTED_64 && a != Json.Form.SORTED_64) {
      setAside("numbers that 64 bits do not hold");
    }
    if (to.isPostgres() && !from.isPostgres()) {
      setAside("strings with U+0000");
    }
    if (b != a && b != Json.Form.AS_WRITTEN) {
      notes.add(to.where() + " sorts keys and keeps the last of equal ones");
      widened = true;
    }
    widened |= a != b;
    return "";
  }

  private String textOfJson(Json a) {
    widened = true;
    return "";
  }

  private String jsonOfText(Json b) {
    setAside("texts that are no JSON");
    return json(Json.Form.AS_WRITTEN, b.form());
  }

  // ---- what only one engine knows

  private String own() {
    if (!(to.meaning() instanceof Meaning.Own)) {
      return unlike();
    }
    return from.engine().isRelatedTo(to.engine())
        ? "it travels as its engine has it, so both must have the very same type"
        : "only its own engine has such a type";
  }

  private String unlike() {
    return from.meaning() instanceof Meaning.Own || to.meaning() instanceof Meaning.Own
        ? "only its own engine has such a type"
        : "they are of different kinds";
  }

  /**
   * MariaDB stores UUIDs turned around, and has no place for some that the standard does not know.
   */
  private String uuid() {
    return to.engine() == DatabaseEngine.MARIADB && from.engine() != DatabaseEngine.MARIADB
        ? setAside("UUIDs of versions 8 to 15 that are of no standard variant")
        : "";
  }

  /** Notes which values are set aside where they arrive; always accepts. */
  private String setAside(String what) {
    notes.add("rows with " + what + " are set aside at " + to.where());
    return "";
  }
}
