package io.spokewire.hub.topology;

import io.spokewire.common.clock.TimeSource;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import io.spokewire.common.id.SpokeId;
import io.spokewire.hub.topology.certificate.CertifiedName;
import io.spokewire.hub.topology.certificate.IssuedCertificate;
import io.spokewire.hub.topology.certificate.IssuedCertificates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The certificates that open this hub, in SQLite. Safe from any thread. */
public final class SqliteCertificates implements IssuedCertificates {
  private final TopologyDatabase database;
  private final TimeSource time;

  public SqliteCertificates(TopologyDatabase database, TimeSource time) {
    this.database = database;
    this.time = time;
  }

  @Override
  public void add(IssuedCertificate certificate) {
    database.transaction(
        "keep certificate",
        c -> {
          SqliteTopology.execute(
              c, "DELETE FROM certificate WHERE not_after_micros < ?", time.epochMicros());
          insert(c, certificate);
          return certificate;
        });
  }

  @Override
  public void renew(IssuedCertificate certificate) {
    if (!(certificate.name() instanceof CertifiedName.OfSpoke(SpokeId spoke))) {
      throw Fault.invariant("renewal", "of " + certificate.name());
    }
    database.transaction(
        "renew certificate",
        c -> {
          if (count(c, "SELECT count(*) FROM spoke WHERE name = ?", spoke.name()) == 0) {
            throw Fault.of(FaultKind.REFUSED, "renew certificate", "the spoke was removed")
                .at(spoke)
                .build();
          }
          SqliteTopology.execute(
              c, "DELETE FROM certificate WHERE not_after_micros < ?", time.epochMicros());
          insert(c, certificate);
          return certificate;
        });
  }

  @Override
  public boolean opens(String serial, CertifiedName name) {
    return database.transaction(
        "look up certificate",
        c ->
            count(
                    c,
                    "SELECT count(*) FROM certificate WHERE serial = ? AND kind = ? AND name = ?",
                    serial,
                    name.kind(),
                    name.label())
                > 0);
  }

  static int insert(Connection c, IssuedCertificate certificate) throws SQLException {
    return SqliteTopology.execute(
        c,
        "INSERT INTO certificate (serial, kind, name, not_after_micros) VALUES (?, ?, ?, ?)",
        certificate.serial(),
        certificate.name().kind(),
        certificate.name().label(),
        ChronoUnit.MICROS.between(Instant.EPOCH, certificate.notAfter()));
  }

  private static int count(Connection c, String sql, String... values) throws SQLException {
    try (PreparedStatement statement = c.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        return row.getInt(1);
      }
    }
  }
}
