package io.spokewire.agent.capture.mysql;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.SpoolDirectory;
import io.spokewire.agent.marker.AppliedMarker;
import io.spokewire.agent.marker.MarkerSeal;
import io.spokewire.agent.schema.Session;
import io.spokewire.agent.schema.TableScope;
import io.spokewire.agent.schema.mysql.MyDatabase;
import io.spokewire.agent.schema.mysql.MyFlavour;
import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.type.AgreedTypes;
import java.util.function.Predicate;

/** Opens the changes of one MySQL or MariaDB server by its binlog. Safe from any thread. */
public final class MyCapture implements ChangeSource.Factory {
  private final MyDatabase database;
  private final SourcePosition beginning;
  private final TableScope scope;
  private final AgreedTypes agreed;
  private final MarkerSeal seal;
  private final Predicate<AppliedMarker> isNew;
  private final SpoolDirectory spools;
  private final ReadPlace place;
  private final TimeSource time;

  /**
   * @param beginning where capture was set up, as {@link BinlogPositions#end} gave it then
   * @param agreed in which types columns travel, where that is agreed
   * @param isNew whether a marker's positions are not yet in the applied set, as it is after the
   *     event given last; asked by the thread that calls {@code next}. A marker that is not new is
   *     a copy, and the transaction it stands in is a user's own
   * @param spools for this source alone
   * @param place learns how far the log was read
   */
  public MyCapture(
      MyDatabase database,
      SourcePosition beginning,
      TableScope scope,
      AgreedTypes agreed,
      MarkerSeal seal,
      Predicate<AppliedMarker> isNew,
      SpoolDirectory spools,
      ReadPlace place,
      TimeSource time) {
    this.database = database;
    this.beginning = beginning;
    this.scope = scope;
    this.agreed = agreed;
    this.seal = seal;
    this.isNew = isNew;
    this.spools = spools;
    this.place = place;
    this.time = time;
  }

  @Override
  public ChangeSource open(SourcePosition after) {
    SourcePosition from = after.isBefore(beginning) ? beginning : after;
    Session session = new Session(database);
    try {
      MyFlavour flavour = session.call("ask the server what it is", MyFlavour::of);
      GtidSet start = BinlogPositions.read(flavour, from);
      GtidSet resumed = BinlogPositions.resumed(flavour, start);
      session.call(
          "look whether the binlog goes back far enough",
          connection -> {
            BinlogPositions.demandReadable(database, connection, start);
            return true;
          });
      BinlogStream stream = BinlogStream.open(database, resumed.text(), place);
      return new BinlogSource(
          stream,
          new BinlogAssembler(
              new TablePlans(scope, agreed, session),
              seal,
              isNew,
              spools,
              database,
              scope.defaultSchema(),
              start,
              resumed),
          session,
          time);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  @Override
  public int compare(SourcePosition a, SourcePosition b) {
    return a.token().compareTo(b.token());
  }
}
