package io.spokewire.common.type;

import static io.spokewire.common.type.DatabaseEngine.MARIADB;
import static io.spokewire.common.type.DatabaseEngine.MYSQL;
import static io.spokewire.common.type.DatabaseEngine.POSTGRESQL;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NativeTypeTest {
  @Test
  void postgresTypesComeApartIntoNameAndArguments() {
    assertThat(postgres("numeric(10,2)").name()).isEqualTo("numeric");
    assertThat(postgres("numeric(10,2)").arguments()).containsExactly(10, 2);
    assertThat(postgres("numeric(5,-2)").arguments()).containsExactly(5, -2);
    assertThat(postgres("character varying(20)").name()).isEqualTo("character varying");
    assertThat(postgres("timestamp(3) with time zone").name())
        .isEqualTo("timestamp with time zone");
    assertThat(postgres("timestamp(3) with time zone").arguments()).containsExactly(3);
    assertThat(postgres("integer[]").array()).isTrue();
    assertThat(postgres("integer[]").name()).isEqualTo("integer");
    assertThat(postgres("\"char\"").name()).isEqualTo("\"char\"");
    assertThat(postgres("sales.\"Odd (name)\"").name()).isEqualTo("sales.\"Odd (name)\"");
  }

  @Test
  void whatStandsBehindAPostgresTypeIsUnderstood() {
    NativeType folded = postgres("text collate \"und-ci\" nondeterministic");
    assertThat(folded.name()).isEqualTo("text");
    assertThat(folded.collation()).isEqualTo("\"und-ci\"");

    NativeType mood = postgres("app.\"Mood\" enum('sad','it''s ok')");
    assertThat(mood.name()).isEqualTo("app.\"Mood\"");
    assertThat(mood.labels()).containsExactly("sad", "it's ok");

    NativeType domain = postgres("email over character varying(20)");
    assertThat(domain.name()).isEqualTo("email");
    NativeType base = domain.base();
    assertThat(base).isNotNull();
    assertThat(base.name()).isEqualTo("character varying");
    assertThat(base.arguments()).containsExactly(20);
  }

  @Test
  void mySqlTypesComeApart() {
    assertThat(mySql("int(10) unsigned zerofill").unsigned()).isTrue();
    assertThat(mySql("int(10) unsigned zerofill").name()).isEqualTo("int");
    assertThat(mySql("tinyint(1)").arguments()).containsExactly(1);
    assertThat(mySql("enum('a','b,(''c'')')").labels()).containsExactly("a", "b,('c')");
    assertThat(mySql("enum('a')").name()).isEqualTo("enum");
    assertThat(mySql("set('x','y')").labels()).containsExactly("x", "y");
    assertThat(mySql("double").arguments()).isEmpty();

    NativeType text = mySql("varchar(20) character set latin1 collate latin1_swedish_ci");
    assertThat(text.name()).isEqualTo("varchar");
    assertThat(text.arguments()).containsExactly(20);
    assertThat(text.characterSet()).isEqualTo("latin1");
    assertThat(text.collation()).isEqualTo("latin1_swedish_ci");
  }

  @Test
  void whatMariaDbSaysOfCompressionIsOverlooked() {
    NativeType text =
        NativeType.parse(
            MARIADB,
            "varchar(20) /*M!100301 COMPRESSED*/ character set utf8mb4 collate utf8mb4_bin");
    assertThat(text.name()).isEqualTo("varchar");
    assertThat(text.collation()).isEqualTo("utf8mb4_bin");
  }

  private static NativeType postgres(String text) {
    return NativeType.parse(POSTGRESQL, text);
  }

  private static NativeType mySql(String text) {
    return NativeType.parse(MYSQL, text);
  }
}
