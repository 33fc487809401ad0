package io.spokewire.deploy.demo;

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

  static final String[] SCHEMA = {
    """
    CREATE TABLE customers (
      id uuid PRIMARY KEY, name text NOT NULL, email text, city text,
      created_at timestamptz NOT NULL DEFAULT now())\
    """,
    """
    CREATE TABLE products (
      sku text PRIMARY KEY, title text NOT NULL, price numeric(10,2) NOT NULL,
      tags text[] NOT NULL DEFAULT '{}', attributes jsonb)\
    """,
    """
    CREATE TABLE orders (
      id uuid PRIMARY KEY, customer_id uuid NOT NULL REFERENCES customers, site text NOT NULL,
      status text NOT NULL DEFAULT 'new', note text,
      ordered_at timestamptz NOT NULL DEFAULT now())\
    """,
    """
    CREATE TABLE order_items (
      order_id uuid NOT NULL REFERENCES orders ON DELETE CASCADE, line int NOT NULL,
      sku text NOT NULL REFERENCES products, quantity int NOT NULL,
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

  /** Head office lists its goods: one transaction. */
  static void listGoods(PostgresSite site) throws SQLException {
    try (Connection connection = site.connect();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO products VALUES (?, ?, ?, ARRAY['tea', ?], jsonb_build_object('g',"
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
  static void sell(PostgresSite site, int orders, long seed) throws SQLException {
    Random random = new Random(seed);
    try (Connection connection = site.connect();
        PreparedStatement customer =
            connection.prepareStatement("INSERT INTO customers VALUES (?, ?, ?, ?)");
        PreparedStatement order =
            connection.prepareStatement(
                "INSERT INTO orders (id, customer_id, site) VALUES (?, ?, ?)");
        PreparedStatement item =
            connection.prepareStatement("INSERT INTO order_items VALUES (?, ?, ?, ?)");
        PreparedStatement pay =
            connection.prepareStatement("UPDATE orders SET status = 'paid' WHERE id = ?");
        PreparedStatement cancel = connection.prepareStatement("DELETE FROM orders WHERE id = ?")) {
      connection.setAutoCommit(false);
      for (int i = 0; i < orders; i++) {
        UUID customerId = new UUID(random.nextLong(), random.nextLong());
        UUID orderId = new UUID(random.nextLong(), random.nextLong());
        String name = FIRST[random.nextInt(FIRST.length)] + " " + LAST[random.nextInt(LAST.length)];
        customer.setObject(1, customerId);
        customer.setString(2, name);
        customer.setString(3, name.toLowerCase(Locale.ROOT).replace(' ', '.') + "@example.com");
        customer.setString(4, site.name());
        customer.executeUpdate();
        order.setObject(1, orderId);
        order.setObject(2, customerId);
        order.setString(3, site.name());
        order.executeUpdate();
        for (int line = 1; line <= 1 + random.nextInt(3); line++) {
          item.setObject(1, orderId);
          item.setInt(2, line);
          item.setString(3, sku(random.nextInt(PRODUCTS)));
          item.setInt(4, 1 + random.nextInt(5));
          item.addBatch();
        }
        item.executeBatch();
        connection.commit();
        if (random.nextInt(3) == 0) {
          pay.setObject(1, orderId);
          pay.executeUpdate();
          connection.commit();
        } else if (random.nextInt(10) == 0) {
          cancel.setObject(1, orderId);
          cancel.executeUpdate();
          connection.commit();
        }
      }
    }
  }

  private static String sku(int number) {
    return "TEA-%03d".formatted(number);
  }
}
