package io.spokewire.hub.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.ChannelId;
import io.spokewire.common.id.Direction;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.FakeTime;
import io.spokewire.hub.TestKeys;
import io.spokewire.hub.topology.certificate.CertificateAuthority;
import io.spokewire.hub.topology.certificate.CertifiedName;
import io.spokewire.hub.topology.certificate.IssuedCertificate;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JoinTokensTest {
  private static final SpokeId PORTO = new SpokeId("porto");
  private static final SpokeId LISBON = new SpokeId("lisbon");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final JoinTokens.Joining JOINING = new JoinTokens.Joining("postgresql", true);

  @TempDir Path directory;
  private final FakeTime time = new FakeTime();
  private final CertificateAuthority authority =
      CertificateAuthority.create("hub", time, new SecureRandom());
  private TopologyDatabase database;
  private SqliteTopology topology;
  private SqliteCertificates certificates;
  private JoinTokens tokens;

  @BeforeEach
  void open() {
    database = TopologyDatabase.open(directory.resolve("topology.db"));
    topology = new SqliteTopology(database);
    certificates = new SqliteCertificates(database, time);
    tokens = new JoinTokens(database, topology, authority.pin(), time, new SecureRandom());
    topology.add(PORTO, Direction.BOTH, ChannelId.MAIN);
    topology.add(LISBON, Direction.BOTH, ChannelId.MAIN);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void aTokenIsGoodOnceAndItsCertificateOpensTheHub() {
    JoinToken token = reread(tokens.issue(PORTO, HOUR).token());
    IssuedCertificate certificate = certificate(PORTO);

    Spoke joined = tokens.redeem(token, JOINING, certificate);

    assertThat(joined.engine()).isEqualTo("postgresql");
    assertThat(joined.assumeIdentical()).isTrue();
    assertThat(topology.find(PORTO)).contains(joined);
    assertThat(certificates.opens(certificate.serial(), certificate.name())).isTrue();
    assertRefused(token, "used already");
  }

  @Test
  void whoUsedATokenWithTheSameKeyMayAskAgainUntilItExpires() throws Exception {
    JoinToken token = tokens.issue(PORTO, HOUR).token();
    IssuedCertificate lost = certificate(PORTO);
    tokens.redeem(token, JOINING, lost);
    IssuedCertificate again =
        authority.issue(new CertifiedName.OfSpoke(PORTO), lost.certificate().getPublicKey(), HOUR);
    tokens.redeem(token, JOINING, again);

    assertThat(certificates.opens(again.serial(), again.name())).isTrue();
    assertRefused(token, "used already"); // by another key
    time.advance(HOUR);
    assertThatThrownBy(() -> tokens.redeem(token, JOINING, again))
        .isInstanceOf(Fault.class)
        .hasMessageContaining("has expired");
  }

  @Test
  void anExpiredTokenIsRefused() {
    JoinToken token = tokens.issue(PORTO, HOUR).token();
    time.advance(HOUR.minusSeconds(1));
    tokens.check(token);

    time.advance(Duration.ofSeconds(1));

    assertRefused(token, "has expired");
  }

  @Test
  void aTokenIsForItsSpokeAndItsHubOnly() {
    JoinToken token = tokens.issue(PORTO, HOUR).token();

    assertRefused(new JoinToken(LISBON, token.secret(), token.authorityPin()), "for another spoke");
    assertRefused(
        new JoinToken(new SpokeId("faro"), token.secret(), token.authorityPin()),
        "no spoke 'faro'");
    assertRefused(
        new JoinToken(PORTO, token.secret(), Bytes.wrap(new byte[32])), "made by another hub");
    assertRefused(
        new JoinToken(PORTO, Bytes.wrap(new byte[32]), token.authorityPin()), "not known");
    tokens.check(token);
  }

  @Test
  void aNewerTokenMakesAnUnusedOlderOneWorthless() {
    JoinToken older = tokens.issue(PORTO, HOUR).token();
    JoinToken newer = tokens.issue(PORTO, HOUR).token();

    assertRefused(older, "not known");
    tokens.check(newer);
  }

  @Test
  void removingASpokeTakesItsTokensAndCertificatesOut() {
    JoinToken used = tokens.issue(PORTO, HOUR).token();
    IssuedCertificate certificate = certificate(PORTO);
    tokens.redeem(used, JOINING, certificate);
    JoinToken unused = tokens.issue(PORTO, HOUR).token();

    topology.remove(PORTO);
    assertRefused(unused, "no spoke 'porto'");
    topology.add(PORTO, Direction.BOTH, ChannelId.MAIN);

    assertRefused(unused, "not known");
    assertThat(certificates.opens(certificate.serial(), certificate.name())).isFalse();
  }

  @Test
  void joiningAnewReplacesTheOlderCertificateButRenewingKeepsIt() {
    IssuedCertificate first = certificate(PORTO);
    IssuedCertificate renewed = certificate(PORTO);
    IssuedCertificate anew = certificate(PORTO);
    tokens.redeem(tokens.issue(PORTO, HOUR).token(), JOINING, first);
    certificates.renew(renewed);
    assertThat(certificates.opens(first.serial(), first.name())).isTrue();
    assertThat(certificates.opens(renewed.serial(), renewed.name())).isTrue();

    tokens.redeem(tokens.issue(PORTO, HOUR).token(), JOINING, anew);

    assertThat(certificates.opens(first.serial(), first.name())).isFalse();
    assertThat(certificates.opens(renewed.serial(), renewed.name())).isFalse();
    assertThat(certificates.opens(anew.serial(), anew.name())).isTrue();
  }

  @Test
  void ofTwoUsesAtOnceExactlyOneWins() throws Exception {
    for (int round = 0; round < 20; round++) {
      JoinToken token = tokens.issue(PORTO, HOUR).token();
      CountDownLatch start = new CountDownLatch(1);
      List<IssuedCertificate> asked = new ArrayList<>();
      List<Future<Boolean>> outcomes = new ArrayList<>();
      try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 4; i++) {
          IssuedCertificate certificate = certificate(PORTO);
          asked.add(certificate);
          Callable<Boolean> use =
              () -> {
                start.await();
                try {
                  tokens.redeem(token, JOINING, certificate);
                  return true;
                } catch (Fault refused) {
                  assertThat(refused.reason()).contains("used already");
                  return false;
                }
              };
          outcomes.add(executor.submit(use));
        }
        start.countDown();
      }
      int wins = 0;
      for (int i = 0; i < asked.size(); i++) {
        boolean won = outcomes.get(i).get();
        wins += won ? 1 : 0;
        assertThat(certificates.opens(asked.get(i).serial(), asked.get(i).name())).isEqualTo(won);
      }
      assertThat(wins).isEqualTo(1);
    }
  }

  @Test
  void theSecretIsNotOnDisk() throws Exception {
    JoinToken token = tokens.issue(PORTO, HOUR).token();
    String secret = new String(token.secret().toByteArray(), StandardCharsets.ISO_8859_1);
    String text = token.text().split("\\.")[2];

    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(content.contains(secret) || content.contains(text)).isFalse();
      }
    }
  }

  @Test
  void textThatIsNoTokenIsNone() {
    String text = tokens.issue(PORTO, HOUR).token().text();

    assertThat(text).startsWith("sw1.porto.");
    assertThat(JoinToken.parse(text.substring(0, text.length() - 3))).isEmpty();
    assertThat(JoinToken.parse("sw2" + text.substring(3))).isEmpty();
    assertThat(JoinToken.parse("")).isEmpty();
    assertThat(JoinToken.parse(text.replace("porto", "Porto!"))).isEmpty();
  }

  private static JoinToken reread(JoinToken token) {
    return JoinToken.parse(" " + token.text() + "\n").orElseThrow();
  }

  private IssuedCertificate certificate(SpokeId spoke) {
    return authority.issue(
        new CertifiedName.OfSpoke(spoke), TestKeys.key().getPublic(), Duration.ofDays(1));
  }

  private void assertRefused(JoinToken token, String reason) {
    assertThatThrownBy(() -> tokens.check(token))
        .isInstanceOfSatisfying(
            Fault.class, fault -> assertThat(fault.kind()).isEqualTo(FaultKind.REFUSED))
        .hasMessageContaining(reason);
    assertThatThrownBy(() -> tokens.redeem(token, JOINING, certificate(token.spoke())))
        .hasMessageContaining(reason);
  }
}
