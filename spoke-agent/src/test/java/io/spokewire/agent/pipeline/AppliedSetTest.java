package io.spokewire.agent.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.clock.Context;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.LogIncarnation;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.TableName;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AppliedSetTest {
  private static final Position ZERO =
      Position.beginning(new LogIncarnation(new UUID(1, 2)), ChannelId.MAIN);
  private static final TableName ORDERS = new TableName("orders");
  private static final Context.Unseen TABLE = new Context.Unseen(ORDERS, null, 3);
  private static final Context.Unseen ROW = new Context.Unseen(ORDERS, Bytes.utf8("k"), 4);

  private final AppliedSet set = new AppliedSet();

  @Test
  void aRetryThatLeavesOneRowOfAWaitingTableCounts() {
    set.begin(Context.through(ZERO.at(7)).withExceptions(List.of(TABLE)));

    AppliedMarker retry = new AppliedMarker(ZERO.at(7), ZERO.at(7), List.of(ROW));

    assertThat(set.test(retry)).isTrue();
    set.extend(retry);
    assertThat(set.context().exceptions()).containsExactly(ROW);
    assertThat(set.test(retry)).as("a copy").isFalse();
  }

  @Test
  void aRetryThatLeavesOneFieldOfAWaitingRowCounts() {
    set.begin(Context.through(ZERO.at(7)).withExceptions(List.of(ROW)));
    Context.Unseen field = new Context.Unseen(ORDERS, Bytes.utf8("k"), "note", 4);
    Context.Unseen lower = new Context.Unseen(ORDERS, Bytes.utf8("k"), "note", 3);

    assertThat(set.test(new AppliedMarker(ZERO.at(7), ZERO.at(7), List.of(lower)))).isFalse();
    set.extend(new AppliedMarker(ZERO.at(7), ZERO.at(7), List.of(field)));
    assertThat(set.context().exceptions()).containsExactly(field);
    assertThat(set.test(new AppliedMarker(ZERO.at(7), ZERO.at(7), List.of(ROW)))).isFalse();
  }

  @Test
  void aMarkerThatWouldHideMoreThanBeforeDoesNotCount() {
    set.begin(Context.through(ZERO.at(7)).withExceptions(List.of(ROW)));

    assertThat(set.test(new AppliedMarker(ZERO.at(7), ZERO.at(7), List.of(TABLE)))).isFalse();
    assertThat(set.test(new AppliedMarker(ZERO.at(7), ZERO.at(7), List.of(ROW)))).isFalse();
    assertThat(set.test(new AppliedMarker(ZERO.at(6), ZERO.at(6), List.of()))).isFalse();
    assertThat(set.test(new AppliedMarker(ZERO.at(7), ZERO.at(7), List.of()))).isTrue();
  }
}
