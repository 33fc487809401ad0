package io.spokewire.agent.pipeline;

import io.spokewire.agent.capture.ChangeSource;
import io.spokewire.agent.capture.Era;
import io.spokewire.agent.capture.EraSources;
import io.spokewire.agent.capture.Retention;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.id.Position;
import io.spokewire.common.id.SourcePosition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Capture at a site whose method changed: what was captured by the method before is read to its end
 * first. The site of the last era answers what is asked about now.
 */
public final class EraSite implements CaptureSite {
  private final List<Era> eras; // not passed
  private final Map<Era, CaptureSite> sites = new LinkedHashMap<>();
  private final Set<Era> leaving = ConcurrentHashMap.newKeySet(); // what captured them may be gone
  private final Consumer<Era> passed;

  private EraSite(List<Era> eras, Function<Era, CaptureSite> sites, Consumer<Era> passed) {
    this.eras = new CopyOnWriteArrayList<>(eras);
    this.passed = passed;
    for (Era era : eras) {
      this.sites.put(era, sites.apply(era));
    }
  }

  /**
   * The site of one era, or of several.
   *
   * @param eras those whose changes may still be needed, in their order
   * @param sites makes each era's site; asked once for each
   * @param passed takes away what captured an era of which nothing is needed any more
   */
  public static CaptureSite of(
      List<Era> eras, Function<Era, CaptureSite> sites, Consumer<Era> passed) {
    boolean simple = eras.size() == 1 && eras.getFirst().number() == 0;
    return simple ? sites.apply(eras.getFirst()) : new EraSite(eras, sites, passed);
  }

  @Override
  public ChangeSource.Factory sources() {
    return new EraSources(new ArrayList<>(eras), era -> site(era).sources(), this::pass);
  }

  private void pass(Era era) {
    leaving.add(era);
    passed.accept(era);
    eras.remove(era);
  }

  private CaptureSite site(Era era) {
    CaptureSite site = sites.get(era);
    if (site == null) {
      throw new IllegalStateException("no site of era " + era.number());
    }
    return site;
  }

  private Era last() {
    return eras.getLast();
  }

  @Override
  public SourcePosition confirmed() {
    Era first = eras.getFirst();
    SourcePosition own = site(first).confirmed();
    return first.outside(own.isBefore(first.begin()) ? first.begin() : own);
  }

  @Override
  public Optional<Position> applied() {
    return site(last()).applied();
  }

  @Override
  public Optional<SourcePosition> find(Position applied) throws InterruptedException {
    for (Era era : eras) {
      Optional<SourcePosition> own = site(era).find(applied);
      // Behind its end it is in the next one too.
      if (own.isPresent() && !(era.end().isPresent() && era.end().get().isBefore(own.get()))) {
        return Optional.of(era.outside(own.get()));
      }
    }
    return Optional.empty();
  }

  @Override
  public Retention retention() {
    Retention all = new Retention(0, Retention.UNLIMITED, false);
    for (Era era : eras) {
      if (!leaving.contains(era)) {
        all = sum(all, of(era));
      }
    }
    return all;
  }

  private Retention of(Era era) {
    try {
      return site(era).retention();
    } catch (Fault fault) {
      if (leaving.contains(era)) {
        return new Retention(0, Retention.UNLIMITED, false);
      }
      throw fault;
    }
  }

  /** What is soon purged counts for more than what is kept, and else for less. */
  private static Retention sum(Retention a, Retention b) {
    Retention.Purge purge = b.purge();
    if (purge != null) {
      return a.bytes() == 0 || (b.bytes() > 0 && purge.isNear()) ? b : a;
    }
    if (a.purge() != null) {
      return sum(b, a);
    }
    return new Retention(
        a.bytes() + b.bytes(), Math.min(a.left(), b.left()), a.reading() || b.reading());
  }

  @Override
  public void demandWhole() {
    site(last()).demandWhole();
  }

  @Override
  public void giveUp() {
    for (Era era : eras) {
      site(era).giveUp();
    }
  }
}
