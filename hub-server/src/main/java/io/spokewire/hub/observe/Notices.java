package io.spokewire.hub.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator should know of the hub now, beside the states of its spokes: raised when it
 * begins, kept up to date, cleared when it is over. The log has one line when it begins, one when
 * it becomes graver and one when it is over, however often it is raised between. Safe from any
 * thread.
 */
public final class Notices {
  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

  private final Map<Subject, Notice> current = new ConcurrentSkipListMap<>();

  /** How grave it is, in ascending order. */
  public enum Gravity {
    /** Somebody should look. */
    WARNING,
    /** The hub does not do all of its work. */
    BLOCKING;

    /** As commands have it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What a notice is about: there is one at a time for each.
   *
   * @param topic a fixed word, such as {@code window}
   * @param of a spoke's name, or empty for the hub itself
   */
  public record Subject(String topic, String of) implements Comparable<Subject> {
    @Override
    public int compareTo(Subject other) {
      int byTopic = topic.compareTo(other.topic);
      return byTopic != 0 ? byTopic : of.compareTo(other.of);
    }
  }

  /**
   * @param text what is the case, with the figures of now
   * @param hint what to do about it
   */
  public record Notice(Gravity gravity, String text, String hint) {
    public boolean isBlocking() {
      return gravity == Gravity.BLOCKING;
    }

    /** {@code lisbon's clock is 3 s ahead of the hub's (check NTP there)}. */
    public String line() {
      return hint.isEmpty() ? text : text + " (" + hint + ")";
    }
  }

  /** It is so, or still so. */
  public void raise(Subject subject, Notice notice) {
    Notice before = current.put(subject, notice);
    if (before == null || notice.gravity().compareTo(before.gravity()) > 0) {
      LOG.warn("{}: {}", subject.topic(), notice.line());
    }
  }

  /** It is over, if it ever was. */
  public void clear(Subject subject) {
    Notice before = current.remove(subject);
    if (before != null) {
      LOG.info("{}: over: {}", subject.topic(), before.text());
    }
  }

  /** Everything that is the case, the gravest first. */
  public List<Notice> all() {
    List<Notice> all = new ArrayList<>(current.values());
    all.sort((a, b) -> b.gravity().compareTo(a.gravity()));
    return all;
  }
}
