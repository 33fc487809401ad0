package io.spokewire.hub.admin;

import java.util.List;

/** Reads a plan's text far enough to tell which parts are accepted but not acted on yet. */
public interface PlanReader {
  /** One line per part, for people; a fault of kind USAGE if the text is not a plan. */
  List<String> notActive(String text);
}
