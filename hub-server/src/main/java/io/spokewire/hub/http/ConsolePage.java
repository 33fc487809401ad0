package io.spokewire.hub.http;

import io.spokewire.hub.http.StatusView.ConflictLine;
import io.spokewire.hub.http.StatusView.SpokeLine;
import io.spokewire.hub.http.StatusView.Status;
import io.spokewire.hub.http.StatusView.TableLine;
import java.util.List;
import java.util.Locale;

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
      .figures { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 1.2rem; }
      .figure { border: 1px solid var(--line); border-radius: .6rem; padding: .6rem 1rem;
        min-width: 8rem; }
      .figure b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
      .figure span, .soft { color: var(--soft); font-size: .85rem; }
      .scroll { overflow-x: auto; }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line);
        white-space: nowrap; }
      th { font-weight: 600; font-size: .8rem; color: var(--soft); }
      td.number { font-variant-numeric: tabular-nums; }
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
    figures(html, status);
    spokes(html, status.spokes());
    tables(html, status.tables());
    conflicts(html, status.conflicts());
    return html.append("</body></html>").toString();
  }

  private static void figures(StringBuilder html, Status status) {
    html.append("<div class=\"figures\">");
    figure(html, decimal(status.rowsPerSecond()), "rows a second now");
    figure(html, decimal(status.peakRowsPerSecond()), "rows a second at most");
    figure(html, whole(status.recordsToday()), "records in 24 h");
    figure(html, whole(status.conflictsToday()), "conflicts in 24 h");
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
    head(html, "Name", "State", "Engine", "Direction", "Lag", "Applied", "Outbox", "");
    for (SpokeLine spoke : spokes) {
      html.append("<tr>");
      text(html, spoke.name());
      html.append("<td>").append(badge(spoke.state())).append("</td>");
      text(html, spoke.engine());
      text(html, spoke.direction());
      number(html, decimal(spoke.lagSeconds()) + " s");
      number(html, whole(spoke.appliedPosition()));
      number(html, whole(spoke.outboxPending()));
      html.append("<td class=\"soft\">").append(escaped(spoke.reason())).append("</td></tr>");
    }
    html.append("</table></div>");
  }

  private static void tables(StringBuilder html, List<TableLine> tables) {
    html.append("<h2>Tables</h2>");
    if (tables.isEmpty()) {
      html.append(
          "<p class=\"soft\">Nothing flows yet: <code>syncadm plan apply -f FILE</code></p>");
      return;
    }
    head(html, "Table", "Status", "Lag", "Records");
    for (TableLine table : tables) {
      html.append("<tr>");
      text(html, table.table());
      html.append("<td>").append(badge(table.status())).append("</td>");
      number(html, decimal(table.lagSeconds()) + " s");
      number(html, whole(table.records()));
      html.append("</tr>");
    }
    html.append("</table></div>");
  }

  private static void conflicts(StringBuilder html, List<ConflictLine> conflicts) {
    html.append("<h2>Latest conflicts</h2>");
    if (conflicts.isEmpty()) {
      html.append("<p class=\"soft\">None.</p>");
      return;
    }
    head(html, "When", "Row", "Field", "Arriving", "Met", "Rule", "Result");
    for (ConflictLine conflict : conflicts) {
      html.append("<tr>");
      text(html, conflict.timestamp());
      text(html, conflict.table() + " " + conflict.key());
      text(html, conflict.field());
      text(html, conflict.source() + ": " + conflict.sourceValue());
      text(html, conflict.target() + ": " + conflict.targetValue());
      text(html, conflict.resolution());
      text(html, conflict.result());
      html.append("</tr>");
    }
    html.append("</table></div>");
  }

  private static void head(StringBuilder html, String... titles) {
    html.append("<div class=\"scroll\"><table><tr>");
    for (String title : titles) {
      html.append("<th>").append(title).append("</th>");
    }
    html.append("</tr>");
  }

  private static void text(StringBuilder html, String text) {
    html.append("<td>").append(escaped(text)).append("</td>");
  }

  private static void number(StringBuilder html, String number) {
    html.append("<td class=\"number\">").append(number).append("</td>");
  }

  private static String badge(String state) {
    String tone =
        switch (state) {
          case "live", "healthy", "ok", "synced" -> " good";
          case "fenced", "needs_resync", "parked", "failed", "error" -> " bad";
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
