package io.spokewire.agent.capture.mysql;

import io.spokewire.common.bytes.ByteSink;
import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Turns texts of one of the server's character sets into UTF-8. Immutable. */
final class CharacterSet {
  private final String name;
  private final byte @Nullable [][] table;
  private final @Nullable Charset charset;

  private CharacterSet(String name, byte @Nullable [][] table, @Nullable Charset charset) {
    this.name = name;
    this.table = table;
    this.charset = charset;
  }

  /** UTF-8 itself, under any of its names. */
  static CharacterSet utf8(String name) {
    return new CharacterSet(name, null, null);
  }

  /**
   * A set of single bytes.
   *
   * @param table the UTF-8 of each of the 256; null where there is none
   */
  static CharacterSet ofSingleBytes(String name, byte[][] table) {
    return new CharacterSet(name, table, null);
  }

  /** A set that Java knows too, by MySQL's name for it. */
  static CharacterSet ofJava(String name) {
    Charset charset =
        switch (name) {
          case "ucs2", "utf16" -> StandardCharsets.UTF_16BE;
          case "utf16le" -> StandardCharsets.UTF_16LE;
          case "utf32" -> Charset.forName("UTF-32BE");
          case "gbk" -> Charset.forName("GBK");
          case "gb2312" -> Charset.forName("GB2312");
          case "gb18030" -> Charset.forName("GB18030");
          case "big5" -> Charset.forName("Big5");
          case "sjis" -> Charset.forName("Shift_JIS");
          case "cp932" -> Charset.forName("windows-31j");
          case "ujis" -> Charset.forName("EUC-JP");
          case "eucjpms" -> Charset.forName("EUC-JP");
          case "euckr" -> Charset.forName("EUC-KR");
          default ->
              throw Fault.of(
                      FaultKind.REFUSED, "capture", "character set " + name + " is not known")
                  .hint("ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4")
                  .build();
        };
    return new CharacterSet(name, null, charset);
  }

  /** Whether bytes are UTF-8 as they are. */
  boolean isUtf8() {
    return table == null && charset == null;
  }

  /**
   * Appends the text in UTF-8.
   *
   * @throws Fault if the bytes are no text of this set
   */
  void append(byte[] array, int offset, int length, ByteSink out) {
    byte[][] single = table;
    if (single != null) {
      for (int i = offset; i < offset + length; i++) {
        byte[] utf8 = single[array[i] & 0xFF];
        if (utf8 == null) {
          throw noText(null);
        }
        out.put(utf8, 0, utf8.length);
      }
      return;
    }
    Charset java = charset;
    if (java == null) {
      out.put(array, offset, length);
      return;
    }
    try {
      CharBuffer chars =
          java.newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(array, offset, length));
      out.put(chars.toString().getBytes(StandardCharsets.UTF_8));
    } catch (CharacterCodingException e) {
      throw noText(e);
    }
  }

  private Fault noText(@Nullable Exception cause) {
    return Fault.of(FaultKind.REFUSED, "capture", "a text in the log is no text of " + name)
        .hint("find it by SELECT … WHERE CONVERT(c USING utf8mb4) LIKE '%?%' and mend it")
        .causedBy(cause);
  }
}
