package io.spokewire.common.config;

import io.spokewire.common.fault.Fault;
import io.spokewire.common.fault.FaultKind;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One YAML file read into typed values. Getters of {@link YamlMap} never throw for what the user
 * wrote: they note a fault and return a usable value, so that a reader goes through the whole file.
 * {@link #check()} then reports everything at once, among it every key that nobody asked for:
 * nothing is silently ignored.
 *
 * <pre>{@code
 * YamlDocument document = YamlDocument.read(path);
 * YamlMap root = document.root();
 * Settings settings = new Settings(root.requiredText("name"), root.integer("port", 7400, 0, 65535));
 * document.check();
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class YamlDocument {
  private final String file;
  private final List<YamlFault> faults = new ArrayList<>();
  private final List<YamlMap> visited = new ArrayList<>();
  private final YamlMap root;

  private YamlDocument(String file, @Nullable Node node) {
    this.file = file;
    if (node == null || node.getTag().equals(Tag.NULL)) {
      this.root = new YamlMap(this, "", emptyMapping(1));
    } else if (node instanceof MappingNode mapping) {
      this.root = new YamlMap(this, "", mapping);
    } else {
      this.root = new YamlMap(this, "", emptyMapping(1));
      fault(lineOf(node), "", "the file is not a map of settings", "write `key: value` lines");
    }
  }

  /**
   * Reads text.
   *
   * @param file how faults call it
   * @throws Fault USAGE if it is not YAML
   */
  public static YamlDocument parse(String file, String text) {
    try {
      return new YamlDocument(file, new Yaml(new LoaderOptions()).compose(new StringReader(text)));
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      String problem = e.getProblem() == null ? "not valid YAML" : e.getProblem();
      YamlFault fault =
          new YamlFault(
              file, line, "", "not valid YAML: " + problem, "check indentation and quotes");
      throw asFault(file, List.of(fault), e);
    } catch (YAMLException e) {
      YamlFault fault = new YamlFault(file, 1, "", "not valid YAML: " + e.getMessage(), "");
      throw asFault(file, List.of(fault), e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws Fault USAGE if it is not there, can't be read, or is not YAML
   */
  public static YamlDocument read(Path path) {
    try {
      return parse(path.toString(), Files.readString(path));
    } catch (NoSuchFileException e) {
      throw Fault.of(FaultKind.USAGE, "read settings", "there is no such file")
          .at(path)
          .hint("check the path")
          .causedBy(e);
    } catch (MalformedInputException e) {
      throw Fault.of(FaultKind.USAGE, "read settings", "the file is not UTF-8 text")
          .at(path)
          .causedBy(e);
    } catch (IOException e) {
      throw Fault.of(FaultKind.USAGE, "read settings", "the file can't be read: " + e.getMessage())
          .at(path)
          .causedBy(e);
    }
  }

  public YamlMap root() {
    return root;
  }

  /** How faults call the file. */
  public String file() {
    return file;
  }

  /** Everything wrong so far, by line; unknown keys of the maps visited are among it. */
  public List<YamlFault> faults() {
    List<YamlFault> all = new ArrayList<>(faults);
    for (YamlMap map : visited) {
      all.addAll(map.unknownKeys());
    }
    all.sort(Comparator.comparingInt(YamlFault::line));
    return List.copyOf(all);
  }

  /**
   * Call when everything was asked for.
   *
   * @throws Fault USAGE if there is any fault: the first line of its reason counts them, and each
   *     further line is {@code file:line: problem (hint)}
   */
  public void check() {
    List<YamlFault> all = faults();
    if (!all.isEmpty()) {
      throw asFault(file, all, null);
    }
  }

  /** Notes a fault that the reader of the settings found. */
  public void fault(int line, String path, String problem, String hint) {
    faults.add(new YamlFault(file, line, path, problem, hint));
  }

  void visit(YamlMap map) {
    visited.add(map);
  }

  static int lineOf(Node node) {
    return node.getStartMark() == null ? 1 : node.getStartMark().getLine() + 1;
  }

  /** A map that is not in the file, standing where it would be expected. */
  static MappingNode emptyMapping(int line) {
    Mark mark = new Mark("", 0, line - 1, 0, new int[0], 0);
    return new MappingNode(Tag.MAP, true, new ArrayList<>(), mark, mark, FlowStyle.BLOCK);
  }

  private static Fault asFault(String file, List<YamlFault> all, @Nullable Throwable cause) {
    StringBuilder reason = new StringBuilder();
    reason.append(all.size()).append(all.size() == 1 ? " fault" : " faults");
    all.forEach(fault -> reason.append('\n').append(fault));
    return Fault.of(FaultKind.USAGE, "read settings", reason.toString()).at(file).causedBy(cause);
  }
}
