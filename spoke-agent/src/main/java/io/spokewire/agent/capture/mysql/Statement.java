package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.mysql.BinlogEvent.Reader;
import io.spokewire.agent.schema.LocalName;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement in the log: the beginnings and ends of transactions, and changes of the schema.
 *
 * @param database the one it ran in; may be empty
 * @param sql without comments before it
 */
record Statement(String database, String sql) {
  private static final Pattern LEADING =
      Pattern.compile(
          "\\A(?:\\s+|/\\*(?!!).*?\\*/|--[ \\t][^\\n]*\\n|#[^\\n]*\\n)+", Pattern.DOTALL);

  private static final String NAME = "(`(?:[^`]|``)+`|[\\w$\\x{80}-\\x{FFFF}]+)";

  private static final Pattern TRUNCATE =
      Pattern.compile(
          "\\ATRUNCATE\\s+(?:TABLE\\s+)?(?:" + NAME + "\\s*\\.\\s*)?" + NAME + "(?:\\s|;|\\z|/).*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern SAVEPOINT =
      Pattern.compile("\\ASAVEPOINT\\s+" + NAME + ".*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private static final Pattern ROLLBACK_TO =
      Pattern.compile(
          "\\AROLLBACK\\s+(?:WORK\\s+)?TO\\s+(?:SAVEPOINT\\s+)?" + NAME + ".*",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  static Statement read(BinlogEvent event) {
    Reader body = event.reader();
    body.number(8); // session and how long it took
    int databaseLength = body.u8();
    body.u16(); // error
    int variables = body.u16();
    body.at += variables;
    String database = body.text(databaseLength);
    body.u8();
    Reader text = event.type() == BinlogEvent.QUERY_COMPRESSED ? Compression.inflate(body) : body;
    String sql = text.text(text.remaining());
    return new Statement(database, LEADING.matcher(sql).replaceFirst(""));
  }

  boolean is(String word) {
    return sql.strip().equalsIgnoreCase(word);
  }

  boolean startsWith(String words) {
    return sql.regionMatches(true, 0, words, 0, words.length());
  }

  /** Whether it changes rows, and so should have come as rows. */
  boolean changesRows() {
    for (String word : new String[] {"INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "WITH"}) {
      if (startsWith(word)) {
        return true;
      }
    }
    return false;
  }

  /** What stands behind {@code XA COMMIT} and its like. */
  String xaName(String words) {
    return sql.substring(words.length()).strip().toLowerCase(Locale.ROOT);
  }

  Optional<String> savepoint() {
    return group(SAVEPOINT);
  }

  Optional<String> rollBackTo() {
    return group(ROLLBACK_TO);
  }

  /** The table that is emptied. */
  Optional<LocalName> truncated() {
    Matcher matcher = TRUNCATE.matcher(sql);
    return matcher.matches()
        ? Optional.of(
            new LocalName(
                matcher.group(1) == null ? database : unquoted(matcher.group(1)),
                unquoted(matcher.group(2))))
        : Optional.empty();
  }

  private Optional<String> group(Pattern pattern) {
    Matcher matcher = pattern.matcher(sql);
    return matcher.matches() ? Optional.of(unquoted(matcher.group(1))) : Optional.empty();
  }

  private static String unquoted(String name) {
    return name.startsWith("`") ? name.substring(1, name.length() - 1).replace("``", "`") : name;
  }
}
