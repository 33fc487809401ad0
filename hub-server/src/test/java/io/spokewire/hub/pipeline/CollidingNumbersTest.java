package io.spokewire.hub.pipeline;

import static io.spokewire.hub.testing.Samples.LISBON;
import static io.spokewire.hub.testing.Samples.PORTO;
import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.common.change.TableDescription;
import io.spokewire.common.change.TableDescription.Generator;
import io.spokewire.hub.stream.TableReport;
import io.spokewire.hub.testing.Samples;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CollidingNumbersTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 900, 1, 1, 900",
    "1, 10, 900, 1, 10, 900",
    "1, 1, 900, 2, 10, 900",
    "1, 4, 900, 3, 6, 900",
    "1, 1, 900, 900, 1, 1900",
    "-1, -1, -900, -2, -10, -900"
  })
  void twoSitesThatWillGiveOneNumberAreNamedWithTheRemedy(
      long first, long step, long last, long otherFirst, long otherStep, long otherLast) {
    assertThat(
            lines(
                new Generator("id", first, step, last),
                new Generator("id", otherFirst, otherStep, otherLast)))
        .singleElement()
        .asString()
        .startsWith("orders.id: the same numbers are given at lisbon (" + first + ", ")
        .contains(" and porto (" + otherFirst + ", ")
        .contains("INCREMENT BY 10")
        .contains("auto_increment_offset");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 10, 900, 2, 10, 900",
    "1, 2, 900, 2, 4, 900",
    "-1, 3, 900, 1, 3, 900",
    "1, 4, 900, 2, 6, 900",
    "1, 1, 900, 901, 1, 1900",
    "1, 1, 900, -1, -1, -900"
  })
  void sitesWithNumbersOfTheirOwnAreWell(
      long first, long step, long last, long otherFirst, long otherStep, long otherLast) {
    assertThat(
            lines(
                new Generator("id", first, step, last),
                new Generator("id", otherFirst, otherStep, otherLast)))
        .isEmpty();
  }

  @Test
  void oneSiteAloneCollidesWithNobody() {
    Generator each = new Generator("id", 1, 1, 900);
    assertThat(CollidingNumbers.of(Map.of(LISBON, report(each)), spoke -> true)).isEmpty();
    assertThat(lines(each, new Generator("other", 1, 1, 900))).isEmpty();
  }

  @Test
  void theRowsOfASiteThatOnlyReceivesMeetNobodys() {
    TableReport report = report(new Generator("id", 1, 1, 900));
    assertThat(CollidingNumbers.of(Map.of(LISBON, report, PORTO, report), LISBON::equals))
        .isEmpty();
  }

  private static List<String> lines(Generator atLisbon, Generator atPorto) {
    return CollidingNumbers.of(
        Map.of(LISBON, report(atLisbon), PORTO, report(atPorto)), spoke -> true);
  }

  private static TableReport report(Generator generator) {
    return new TableReport(
        1,
        List.of(
            new TableDescription(
                Samples.ORDERS, List.of(), List.of(), true, true, List.of(generator))),
        List.of());
  }
}
