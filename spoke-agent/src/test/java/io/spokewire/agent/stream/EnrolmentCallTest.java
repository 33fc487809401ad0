package io.spokewire.agent.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.spokewire.agent.identity.CertificateAsk;
import io.spokewire.agent.identity.JoinToken;
import io.spokewire.agent.identity.PinnedAuthority;
import io.spokewire.agent.settings.HubAddress;
import io.spokewire.common.bytes.Bytes;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class EnrolmentCallTest {
  private final CertificateAsk ask = CertificateAsk.make(FakeHub.SPOKE, new SecureRandom());

  @Test
  void aGoodTokenGivesAnIdentityOfTheHubsAuthority() throws Exception {
    try (FakeHub hub = new FakeHub()) {
      EnrolmentCall.Enrolled enrolled = redeem(hub, PinnedAuthority.pinOf(hub.authority));
      assertThat(enrolled.identity().authority()).isEqualTo(hub.authority);
      assertThat(enrolled.identity().certificate().getPublicKey()).isEqualTo(ask.publicKey());
    }
  }

  @Test
  void theTokenIsNotShownToAHubWithAnotherAuthority() throws Exception {
    try (FakeHub hub = new FakeHub()) {
      hub.refuseToken = "the token was seen";
      assertFault(
          () -> redeem(hub, Bytes.wrap(new byte[32])),
          FaultKind.REFUSED,
          "not the one that the token names");
    }
  }

  @Test
  void aUsedTokenIsRefusedInTheHubsWords() throws Exception {
    try (FakeHub hub = new FakeHub()) {
      hub.refuseToken = "the token was used already";
      assertFault(
          () -> redeem(hub, PinnedAuthority.pinOf(hub.authority)),
          FaultKind.REFUSED,
          "used already");
    }
  }

  @Test
  void aHubThatIsAwayIsUnreachable() throws Exception {
    HubAddress nobody;
    try (FakeHub hub = new FakeHub()) {
      nobody = hub.address();
    }
    assertFault(
        () ->
            new EnrolmentCall(nobody, "test")
                .redeem(token(Bytes.wrap(new byte[32])), ask, "postgresql", false),
        FaultKind.UNREACHABLE,
        "is the hub running");
  }

  @Test
  void aTokenSurvivesItsTextForm() {
    JoinToken token = token(Bytes.wrap(new byte[32]));
    assertThat(JoinToken.parse(token.text())).isEqualTo(token);
    assertThatThrownBy(() -> JoinToken.parse(token.text().substring(0, 60)))
        .isInstanceOf(Fault.class);
  }

  private EnrolmentCall.Enrolled redeem(FakeHub hub, Bytes pin) {
    return new EnrolmentCall(hub.address(), "test").redeem(token(pin), ask, "postgresql", false);
  }

  private static JoinToken token(Bytes pin) {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return new JoinToken(FakeHub.SPOKE, Bytes.wrap(secret), pin);
  }

  private static void assertFault(Runnable action, FaultKind kind, String said) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(Fault.class, f -> assertThat(f.kind()).isEqualTo(kind))
        .hasMessageContaining(said);
  }
}
