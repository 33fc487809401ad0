package io.spokewire.hub.http;

import io.spokewire.hub.http.StatusView.ConflictLine;
import io.spokewire.hub.http.StatusView.SpokeLine;
import io.spokewire.hub.http.StatusView.Status;
import io.spokewire.hub.http.StatusView.TableLine;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** The console as HTML: one page, no script, refreshed by the browser. Pure. */
final class ConsolePage {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --line: #8883; --soft: #888; --good: #1a7f4b; --warn: #b7791f;
        --bad: #c53030; }
      body { font: 15px/1.45 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto;
        padding: 0 1.2rem; }
      header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; }
      h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
      .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr));
        gap: .8rem; margin-top: 1.2rem; }
      .figure { border: 1px solid var(--line); border-radius: .6rem; padding: .6rem 1rem; }
      .figure b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
      .notice { border-left: 4px solid var(--bad); padding-left: .6rem; }
      .figure span, .soft { color: var(--soft); font-size: .85rem; }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0;
        border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
      th { font-weight: 600; font-size: .8rem; color: var(--soft); white-space: nowrap; }
      td.tight { white-space: nowrap; font-variant-numeric: tabular-nums; }
      @media (max-width: 45rem) {
        body { margin: 1rem auto; padding: 0 1rem; }
        table, tbody, tr, td { display: block; }
        tr:first-child { display: none; }
        tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
        td { display: flex; gap: .8rem; border: 0; padding: .1rem 0; }
        td:empty { display: none; }
        td::before { content: attr(data-name); flex: 0 0 6rem; color: var(--soft);
          font-size: .85rem; }
      }
      .badge { border-radius: 1rem; padding: .1rem .6rem; font-size: .85rem; color: #fff;
        background: var(--warn); }
      .badge.good { background: var(--good); } .badge.bad { background: var(--bad); }
      """;

  private ConsolePage() {}

  static String of(Status status) {
    StringBuilder html = new StringBuilder(8192);
    html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .append("<meta http-equiv=\"refresh\" content=\"3\"><title>")
        .append(escaped(status.hub()))
        .append(" · Spokewire</title><style>")
        .append(STYLE)
        .append("</style></head><body><header><h1>Spokewire</h1><span>")
        .append(escaped(status.hub()))
        .append("</span>")
        .append(badge(status.status()))
        .append("</header>");
    notices(html, status.notices());
    figures(html, status);
    spokes(html, status.spokes());
    tables(html, status.tables());
    conflicts(html, status.conflicts());
    return html.append("</body></html>").toString();
  }

  private static void notices(StringBuilder html, List<String> notices) {
    for (String notice : notices) {
      html.append("<p class=\"notice\">").append(escaped(notice)).append("</p>");
    }
  }

  private static void figures(StringBuilder html, Status status) {
    html.append("<div class=\"figures\">");
    figure(html, decimal(status.rowsPerSecond()), "rows a second now");
    figure(html, decimal(status.peakRowsPerSecond()), "rows a second, peak");
    figure(html, whole(status.recordsToday()), "records in 24 h");
    OptionalLong conflicts = status.conflictsToday();
    figure(html, conflicts.isPresent() ? whole(conflicts.getAsLong()) : "–", "conflicts in 24 h");
    figure(html, whole(status.errorsToday()), "errors in 24 h");
    html.append("</div>");
  }

  private static void figure(StringBuilder html, String value, String label) {
    html.append("<div class=\"figure\"><b>")
        .append(value)
        .append("</b><span>")
        .append(label)
        .append("</span></div>");
  }

  private static void spokes(StringBuilder html, List<SpokeLine> spokes) {
    html.append("<h2>Spokes</h2>");
    if (spokes.isEmpty()) {
      html.append("<p class=\"soft\">None yet: <code>syncadm topology add-spoke NAME</code></p>");
      return;
    }
    Grid grid =
        new Grid(html, "Name", "State", "Engine", "Direction", "Lag", "Applied", "Outbox", "Why");
    for (SpokeLine spoke : spokes) {
      grid.row()
          .tight(spoke.name())
          .badge(spoke.state())
          .tight(spoke.engine())
          .tight(spoke.direction())
          .tight(decimal(spoke.lagSeconds()) + " s")
          .tight(whole(spoke.appliedPosition()))
          .tight(whole(spoke.outboxPending()))
          .text(spoke.reason());
    }
    grid.end();
  }

  private static void tables(StringBuilder html, List<TableLine> tables) {
    html.append("<h2>Tables</h2>");
    if (tables.isEmpty()) {
      html.append("<p class=\"soft\">No change has come since the hub started.</p>");
      return;
    }
    Grid grid = new Grid(html, "Table", "Status", "Lag", "Records");
    for (TableLine table : tables) {
      grid.row()
          .text(table.table())
          .badge(table.status())
          .tight(decimal(table.lagSeconds()) + " s")
          .tight(whole(table.records()));
    }
    grid.end();
  }

  private static void conflicts(StringBuilder html, List<ConflictLine> conflicts) {
    html.append("<h2>Latest conflicts</h2>");
    if (conflicts.isEmpty()) {
      html.append("<p class=\"soft\">None.</p>");
      return;
    }
    Grid grid = new Grid(html, "When", "Row", "Field", "Arriving", "Met", "Rule", "Result");
    for (ConflictLine conflict : conflicts) {
      grid.row()
          .tight(conflict.timestamp())
          .text(conflict.table() + " " + conflict.key())
          .text(conflict.field())
          .text(conflict.source() + ": " + conflict.sourceValue())
          .text(conflict.target() + ": " + conflict.targetValue())
          .text(conflict.resolution())
          .text(conflict.result());
    }
    grid.end();
  }

  /**
   * A table that is a list of cards where the screen is narrow: each cell carries its column's
   * name, and the style shows it there.
   */
  private static final class Grid {
    private final StringBuilder html;
    private final String[] titles;
    private int column;

    Grid(StringBuilder html, String... titles) {
      this.html = html;
      this.titles = titles;
      html.append("<table><tr>");
      for (String title : titles) {
        html.append("<th>").append(title).append("</th>");
      }
    }

    Grid row() {
      html.append("</tr><tr>");
      column = 0;
      return this;
    }

    Grid text(String text) {
      return cell("", escaped(text));
    }

    /** Never broken over two lines: names, numbers and times. */
    Grid tight(String text) {
      return cell(" class=\"tight\"", escaped(text));
    }

    Grid badge(String state) {
      return cell(" class=\"tight\"", ConsolePage.badge(state));
    }

    void end() {
      html.append("</tr></table>");
    }

    private Grid cell(String attributes, String content) {
      html.append("<td data-name=\"")
          .append(titles[column++])
          .append('"')
          .append(attributes)
          .append('>')
          .append(content)
          .append("</td>");
      return this;
    }
  }

  private static String badge(String state) {
    String tone =
        switch (state) {
          case "live", "healthy", "synced" -> " good";
          case "critical", "fenced", "needs_resync", "parked" -> " bad";
          default -> "";
        };
    return "<span class=\"badge" + tone + "\">" + escaped(state) + "</span>";
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.1f", value);
  }

  private static String whole(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }
}
