package io.spokewire.admin.output;

import com.fasterxml.jackson.databind.JsonNode;

/** An answer that can be shown in every format. */
public interface Report {
  /** For people; every line ends in a line break. */
  String table();

  JsonNode json();

  Csv csv();

  /** The answer in this format, ready to be printed. */
  default String in(OutputFormat format) {
    return switch (format) {
      case TABLE -> table();
      case JSON -> Json.pretty(json());
      case CSV -> csv().render();
    };
  }
}
