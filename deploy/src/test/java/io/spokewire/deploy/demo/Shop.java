package io.spokewire.deploy.demo;

import io.spokewire.deploy.cluster.DatabaseSite;
import io.spokewire.deploy.cluster.PostgresSite;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;

/** The sample shop: its tables, its goods, and a day of sales at one site. */
final class Shop {
  /** Parents before children. */
  static final List<String> TABLES = List.of("customers", "products", "orders", "order_items");

  private static final String[] IN_POSTGRES = {
    """
    CREATE TABLE customers (
      id uuid PRIMARY KEY, name varchar(100) NOT NULL, email varchar(200), city varchar(60),
      created_at timestamptz NOT NULL DEFAULT now())\
    """,
    """
    CREATE TABLE products (
      sku varchar(20) PRIMARY KEY, title varchar(100) NOT NULL, price numeric(10,2) NOT NULL,
      attributes jsonb)\
    """,
    """
    CREATE TABLE orders (
      id uuid PRIMARY KEY, customer_id uuid NOT NULL REFERENCES customers,
      site varchar(20) NOT NULL, status varchar(20) NOT NULL DEFAULT 'new', note varchar(200),
      ordered_at timestamptz NOT NULL DEFAULT now())\
    """,
    """
    CREATE TABLE order_items (
      order_id uuid NOT NULL REFERENCES orders, line int NOT NULL,
      sku varchar(20) NOT NULL REFERENCES products, quantity int NOT NULL,
      PRIMARY KEY (order_id, line))\
    """
  };

  /** Its SKUs are told apart as PostgreSQL does: spaces at the end count. */
  private static final String[] IN_MARIADB = {
    """
    CREATE TABLE customers (
      id uuid PRIMARY KEY, name varchar(100) NOT NULL, email varchar(200), city varchar(60),
      created_at timestamp(6) NOT NULL DEFAULT now(6))\
    """,
    """
    CREATE TABLE products (
      sku varchar(20) COLLATE utf8mb4_nopad_bin PRIMARY KEY, title varchar(100) NOT NULL,
      price decimal(10,2) NOT NULL, attributes json)\
    """,
    """
    CREATE TABLE orders (
      id uuid PRIMARY KEY, customer_id uuid NOT NULL REFERENCES customers (id),
      site varchar(20) NOT NULL, status varchar(20) NOT NULL DEFAULT 'new', note varchar(200),
      ordered_at timestamp(6) NOT NULL DEFAULT now(6))\
    """,
    """
    CREATE TABLE order_items (
      order_id uuid NOT NULL REFERENCES orders (id), line int NOT NULL,
      sku varchar(20) COLLATE utf8mb4_nopad_bin NOT NULL REFERENCES products (sku),
      quantity int NOT NULL,
      PRIMARY KEY (order_id, line))\
    """
  };

  static final String PLAN =
      """
      # Every table of the default schema, at all sites.
      tables: ["*"]
      conflict_resolution:
        strategies:
          - name: last_write_wins
            description: "Most recent update wins"
          - name: source_priority
            description: "Head office decides about goods"
            order: [lisbon, porto, faro]
        tables:
          products: source_priority
      """;

  private static final String[] FIRST = {"Ana", "Rui", "Inês", "João", "Marta", "Tiago", "Sofia"};
  private static final String[] LAST = {"Silva", "Santos", "Pereira", "Costa", "Almeida"};
  private static final int PRODUCTS = 40;

  private Shop() {}

  /** Makes the tables as the site's owner would, in its database's own words. */
  static void open(DatabaseSite site) {
    switch (site) {
      case PostgresSite postgres -> postgres.createTables(IN_POSTGRES);
      default -> site.execute(IN_MARIADB);
    }
  }

  /** Head office lists its goods: one transaction. */
  static void listGoods(PostgresSite site) throws SQLException {
    try (Connection connection = site.connect();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO products VALUES (?, ?, ?, jsonb_build_object('leaf', ?::text, 'g',"
                    + " ?))")) {
      connection.setAutoCommit(false);
      for (int i = 0; i < PRODUCTS; i++) {
        insert.setString(1, sku(i));
        insert.setString(2, "Tea no. " + i);
        insert.setBigDecimal(3, new BigDecimal("4.50").add(BigDecimal.valueOf(i)));
        insert.setString(4, i % 2 == 0 ? "green" : "black");
        insert.setInt(5, 50 + 10 * i);
        insert.addBatch();
      }
      insert.executeBatch();
      connection.commit();
    }
  }

  /** Sells: each order is one transaction of customer, order and items; some are changed later. */
  static void sell(DatabaseSite site, int orders, long seed) throws SQLException {
    Random random = new Random(seed);
    try (Connection connection = site.connect();
        PreparedStatement customer =
            connection.prepareStatement(
                "INSERT INTO customers (id, name, email, city) VALUES (CAST(? AS uuid), ?, ?, ?)");
        PreparedStatement order =
            connection.prepareStatement(
                "INSERT INTO orders (id, customer_id, site)"
                    + " VALUES (CAST(? AS uuid), CAST(? AS uuid), ?)");
        PreparedStatement item =
            connection.prepareStatement(
                "INSERT INTO order_items VALUES (CAST(? AS uuid), ?, ?, ?)");
        PreparedStatement pay =
            connection.prepareStatement(
                "UPDATE orders SET status = 'paid' WHERE id = CAST(? AS uuid)");
        PreparedStatement empty =
            connection.prepareStatement(
                "DELETE FROM order_items WHERE order_id = CAST(? AS uuid)");
        PreparedStatement cancel =
            connection.prepareStatement("DELETE FROM orders WHERE id = CAST(? AS uuid)")) {
      connection.setAutoCommit(false);
      for (int i = 0; i < orders; i++) {
        String customerId = id(random);
        String orderId = id(random);
        String name = FIRST[random.nextInt(FIRST.length)] + " " + LAST[random.nextInt(LAST.length)];
        customer.setString(1, customerId);
        customer.setString(2, name);
        customer.setString(3, name.toLowerCase(Locale.ROOT).replace(' ', '.') + "@example.com");
        customer.setString(4, site.name());
        customer.executeUpdate();
        order.setString(1, orderId);
        order.setString(2, customerId);
        order.setString(3, site.name());
        order.executeUpdate();
        for (int line = 1; line <= 1 + random.nextInt(3); line++) {
          item.setString(1, orderId);
          item.setInt(2, line);
          item.setString(3, sku(random.nextInt(PRODUCTS)));
          item.setInt(4, 1 + random.nextInt(5));
          item.addBatch();
        }
        item.executeBatch();
        connection.commit();
        if (random.nextInt(3) == 0) {
          pay.setString(1, orderId);
          pay.executeUpdate();
          connection.commit();
        } else if (random.nextInt(10) == 0) {
          empty.setString(1, orderId);
          empty.executeUpdate();
          cancel.setString(1, orderId);
          cancel.executeUpdate();
          connection.commit();
        }
      }
    }
  }

  /** A random UUID as the standard has it: of version 4, which every engine takes. */
  private static String id(Random random) {
    long high = random.nextLong() & ~0xF000L | 0x4000L;
    long low = random.nextLong() & ~(0b11L << 62) | 0b10L << 62;
    return new UUID(high, low).toString();
  }

  private static String sku(int number) {
    return "TEA-%03d".formatted(number);
  }
}
