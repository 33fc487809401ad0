package io.spokewire.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.spokewire.agent.stream.EnrolmentCall;
import io.spokewire.agent.stream.FakeHub;
import io.spokewire.common.bytes.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an attempt to join keeps, in case its answer is lost. */
class IdentityStoreTest {
  @TempDir Path directory;

  @Test
  void anAttemptIsRepeatedWithTheSameKeyUntilTheIdentityIsKept() throws Exception {
    IdentityStore store = new IdentityStore(directory.resolve("identity"));
    assertThat(store.hasAsked()).isFalse();
    CertificateAsk lost = store.ask(FakeHub.SPOKE, new SecureRandom());
    assertThat(store.hasAsked()).isTrue();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve("identity.asked"))))
        .isEqualTo("rw-------");

    IdentityStore restarted = new IdentityStore(directory.resolve("identity"));
    CertificateAsk again = restarted.ask(FakeHub.SPOKE, new SecureRandom());
    assertThat(again.publicKey()).isEqualTo(lost.publicKey());
    assertThat(again.key()).isEqualTo(lost.key());

    try (FakeHub hub = new FakeHub()) {
      JoinToken token =
          new JoinToken(
              FakeHub.SPOKE, Bytes.wrap(new byte[32]), PinnedAuthority.pinOf(hub.authority));
      restarted.save(
          new EnrolmentCall(hub.address(), "test")
              .redeem(token, again, "postgresql", false)
              .identity());
    }
    assertThat(restarted.hasAsked()).isFalse();
    assertThat(restarted.load().key()).isEqualTo(lost.key());
  }

  @Test
  void anAttemptThatTheHubRefusedLeavesNoKey() {
    IdentityStore store = new IdentityStore(directory.resolve("identity"));
    CertificateAsk refused = store.ask(FakeHub.SPOKE, new SecureRandom());
    store.forgetAsk();
    assertThat(store.hasAsked()).isFalse();
    assertThat(store.ask(FakeHub.SPOKE, new SecureRandom()).publicKey())
        .isNotEqualTo(refused.publicKey());
  }
}
