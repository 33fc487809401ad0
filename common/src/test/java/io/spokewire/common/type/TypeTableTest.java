package io.spokewire.common.type;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The table of types in the documentation is what the code decides. After a change of the rules it
 * is written anew by running this test with {@code -Dspokewire.docs=renew}.
 */
class TypeTableTest {
  private static final Path FILE = Path.of("..", "docs", "types.md");

  @Test
  void theDocumentationSaysWhatTheCodeDecides() throws IOException {
    String printed = TypeTable.print();
    if ("renew".equals(System.getProperty("spokewire.docs"))) {
      Files.writeString(FILE, printed);
    }
    assertThat(FILE).as("renew it with -Dspokewire.docs=renew").hasContent(printed);
  }
}
