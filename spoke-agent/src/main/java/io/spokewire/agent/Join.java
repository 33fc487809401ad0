package io.spokewire.agent;

import io.spokewire.agent.identity.AgentIdentity;
import io.spokewire.agent.identity.CertificateAsk;
import io.spokewire.agent.identity.IdentityStore;
import io.spokewire.agent.identity.JoinToken;
import io.spokewire.agent.settings.AgentSettings;
import io.spokewire.agent.settings.AgentSettings.CaptureSettings;
import io.spokewire.agent.settings.AgentState;
import io.spokewire.agent.settings.DataDirectory;
import io.spokewire.agent.settings.DatabaseSettings;
import io.spokewire.agent.settings.DurableFile;
import io.spokewire.agent.settings.HubAddress;
import io.spokewire.agent.settings.StateFile;
import io.spokewire.agent.settings.WalPressure;
import io.spokewire.agent.setup.SiteSetup;
import io.spokewire.agent.stream.EnrolmentCall;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SourcePosition;
import io.spokewire.common.id.SpokeId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a spoke of a database. Everything is checked before anything is made; then the token is
 * redeemed, the database is set up, and {@code agent.yaml} is written last: it says that the join
 * is complete.
 *
 * <p>A join that fails after the token was redeemed takes back what it made in the database and
 * keeps the identity: the same command may be given again and does not need a good token any more.
 */
final class Join {
  private static final Logger LOG = LoggerFactory.getLogger(Join.class);

  private final Request request;
  private final SecureRandom random;

  /**
   * What the command line says.
   *
   * @param methods by which changes may be captured, the best first; at least one
   */
  record Request(
      HubAddress hub,
      JoinToken token,
      Path dataDirectory,
      DatabaseSettings database,
      List<AgentSettings.Method> methods,
      boolean assumeIdentical,
      String agentVersion) {}

  /** What is known once the token is redeemed, and kept in case the rest fails. */
  private record Membership(AgentIdentity identity, Direction direction, ChannelId channel) {}

  Join(Request request, SecureRandom random) {
    this.request = request;
    this.random = random;
  }

  /** Returns the settings that were written. */
  AgentSettings run() {
    CaptureChoice choice =
        new CaptureChoice(request.database(), request.token().spoke(), request.methods());
    choice.first().version();
    try (DataDirectory directory = DataDirectory.openForJoin(request.dataDirectory())) {
      if (directory.isJoined()) {
        throw Fault.of(
                FaultKind.USAGE,
                "join",
                "spoke " + directory.readSettings().spoke() + " has joined from here already")
            .at(directory.path())
            .hint("run it: spoke-agent run --data-dir " + directory.path())
            .build();
      }
      Membership member;
      CaptureChoice.Chosen chosen;
      Engine engine;
      try {
        Optional<Membership> kept = kept(directory);
        if (kept.isEmpty() && new IdentityStore(directory.identity()).hasAsked()) {
          kept = Optional.of(redeem(directory)); // the token may be spent: nothing to check
        }
        Direction direction =
            kept.isPresent() ? kept.get().direction() : enrolment().check(request.token());
        chosen = choice.choose(direction);
        engine = Engine.of(request.database(), chosen.capture());
        demandFree(engine, directory, direction);
        member = kept.isPresent() ? kept.get() : redeem(directory);
      } catch (RuntimeException e) {
        if (directory.isFresh() && !new IdentityStore(directory.identity()).hasAsked()) {
          directory.deleteAll();
        }
        throw e;
      }
      AgentSettings settings = complete(directory, member, engine, chosen.capture());
      chosen.say(member.direction());
      return settings;
    }
  }

  private void demandFree(Engine engine, DataDirectory directory, Direction direction) {
    SpokeId spoke = request.token().spoke();
    Optional<UUID> instance =
        Files.exists(directory.state())
            ? Optional.of(StateFile.open(directory.state()).get().instance())
            : Optional.empty();
    engine.setup().demandFree(spoke, instance, direction.sends());
  }

  private EnrolmentCall enrolment() {
    return new EnrolmentCall(request.hub(), request.agentVersion());
  }

  /** What an earlier join that was cut short has redeemed. */
  private Optional<Membership> kept(DataDirectory directory) {
    IdentityStore store = new IdentityStore(directory.identity());
    Path note = note(directory);
    return store.exists() && Files.exists(note)
        ? Optional.of(resumed(store.load(), note, request.token().spoke()))
        : Optional.empty();
  }

  private static Path note(DataDirectory directory) {
    return directory.path().resolve("joining");
  }

  private Membership redeem(DataDirectory directory) {
    IdentityStore store = new IdentityStore(directory.identity());
    Path note = note(directory);
    SpokeId spoke = request.token().spoke();
    CertificateAsk ask = store.ask(spoke, random);
    EnrolmentCall.Enrolled enrolled;
    try {
      enrolled =
          enrolment()
              .redeem(
                  request.token(),
                  ask,
                  request.database().type().label(),
                  request.assumeIdentical());
    } catch (Fault fault) {
      if (fault.kind() == FaultKind.REFUSED || fault.kind() == FaultKind.USAGE) {
        store.forgetAsk();
        throw fault;
      }
      throw Fault.of(fault.kind(), fault.operation(), fault.reason())
          .at(fault.place())
          .hint(
              (fault.hint().isEmpty() ? "" : fault.hint() + " ")
                  + "Then give the same command again with the same --data-dir, before the token"
                  + " expires: should the hub have used the token and its answer be lost, it"
                  + " answers the same key again")
          .causedBy(fault);
    }
    String text =
        String.join("\n", spoke.name(), enrolled.direction().label(), enrolled.channel().name());
    DurableFile.write(note, text.getBytes(StandardCharsets.UTF_8));
    store.save(enrolled.identity());
    return new Membership(enrolled.identity(), enrolled.direction(), enrolled.channel());
  }

  private static Membership resumed(AgentIdentity identity, Path note, SpokeId spoke) {
    List<String> lines;
    try {
      lines = Files.readAllLines(note);
    } catch (java.io.IOException e) {
      throw DurableFile.failed("read", note, e);
    }
    if (lines.size() != 3 || !lines.getFirst().equals(spoke.name())) {
      throw Fault.of(
              FaultKind.REFUSED,
              "join",
              "an unfinished join of spoke " + lines.getFirst() + " lies in this directory")
          .at(note)
          .hint("finish that one with its own command, or choose another --data-dir")
          .build();
    }
    return new Membership(identity, Direction.ofLabel(lines.get(1)), new ChannelId(lines.get(2)));
  }

  private AgentSettings complete(
      DataDirectory directory, Membership member, Engine engine, CaptureSettings capture) {
    SpokeId spoke = request.token().spoke();
    SiteSetup setup = engine.setup();
    try {
      directory.readOrMakeSecret(random);
      boolean again = Files.exists(directory.state());
      StateFile state =
          again
              ? StateFile.open(directory.state())
              : StateFile.create(
                  directory.state(),
                  AgentState.atJoin(UUID.randomUUID(), SourcePosition.NONE, List.of()));
      setup.prepareSchema(spoke, state.get().instance());
      SiteSetup.Begun begun =
          member.direction().sends() ? setup.beginCapture(again) : setup.beginWithoutCapture();
      state.update(
          s -> s.withCapture(begun.start(), begun.emptyTables()).withPublished(begun.published()));
      AgentSettings settings =
          new AgentSettings(
              spoke,
              request.hub(),
              member.channel(),
              member.direction(),
              request.database(),
              capture,
              WalPressure.DEFAULT,
              request.assumeIdentical(),
              true);
      directory.makeDirectory(directory.outbox());
      directory.makeDirectory(directory.spool());
      DurableFile.write(directory.settings(), settings.toYaml().getBytes(StandardCharsets.UTF_8));
      return settings;
    } catch (Fault fault) {
      setup.undo(fault);
      throw Fault.of(fault.kind(), fault.operation(), fault.reason())
          .at(fault.place().isEmpty() ? spoke : fault.place())
          .hint(
              (fault.hint().isEmpty() ? "" : fault.hint() + "; ")
                  + "then give the same command again: the token is used, the certificate is kept")
          .causedBy(fault);
    }
  }
}
