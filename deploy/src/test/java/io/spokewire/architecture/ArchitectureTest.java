package io.spokewire.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The rules of direction, as the picture in {@code docs/architecture.md} has them. Stages never see
 * each other; {@code pipeline} sees stages; the root package wires; an engine's package sees its
 * stage and never the reverse; foreign types stay home.
 */
class ArchitectureTest {
  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.spokewire");

  private static final List<String> AGENT_STAGES = List.of("capture", "queue", "stream", "apply");
  private static final String[] ENGINES = {
    "io.spokewire.agent..postgres..", "io.spokewire.agent..mysql.."
  };
  private static final List<String> HUB_STAGES = List.of("stream", "resolve", "log", "fanout");

  @Test
  void modulesPointOneWay() {
    none("..spokewire.common..").see("..spokewire.hub..", "..agent..", "..admin..", "..deploy..");
    none("io.spokewire.hub..").see("io.spokewire.agent..", "io.spokewire.admin..", "..deploy..");
    none("io.spokewire.agent..").see("io.spokewire.hub..", "io.spokewire.admin..", "..deploy..");
    none("io.spokewire.admin..").see("io.spokewire.hub..", "io.spokewire.agent..", "..deploy..");
  }

  @Test
  void aStageNeverSeesAnotherStage() {
    forEachPair("io.spokewire.agent.", AGENT_STAGES);
    forEachPair("io.spokewire.hub.", HUB_STAGES);
  }

  @Test
  void onlyTheRootPackageSeesThePipeline() {
    for (String program : List.of("agent", "hub")) {
      String root = "io.spokewire." + program;
      check(
          noClasses()
              .that()
              .resideInAPackage(root + "..")
              .and()
              .resideOutsideOfPackages(root, root + ".pipeline..")
              .should()
              .dependOnClassesThat()
              .resideInAPackage(root + ".pipeline.."));
      check(
          noClasses()
              .that()
              .resideInAPackage(root + ".*..")
              .should()
              .dependOnClassesThat()
              .resideInAPackage(root));
    }
  }

  @Test
  void anEngineSeesItsStageAndNeverTheReverse() {
    for (String stage :
        List.of(
            "capture",
            "capture.polling",
            "capture.trigger",
            "apply",
            "apply.table",
            "schema",
            "setup",
            "preflight")) {
      none("io.spokewire.agent." + stage).see(ENGINES);
    }
    none("io.spokewire.common.queue").see("io.spokewire.common.queue.chronicle..");
    none("io.spokewire.hub.log").see("io.spokewire.hub.log.rocksdb..");
  }

  @Test
  void packagesHaveNoCycles() {
    check(slices().matching("io.spokewire.(common.*)..").should().beFreeOfCycles());
    check(slices().matching("io.spokewire.(agent.*)..").should().beFreeOfCycles());
    check(slices().matching("io.spokewire.(hub.*)..").should().beFreeOfCycles());
    check(slices().matching("io.spokewire.(admin.*)..").should().beFreeOfCycles());
  }

  @Test
  void theResolverIsPure() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.spokewire.hub.resolve..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.nio.file..", "java.net..", "java.sql..")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.spokewire.common.clock.TimeSource")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class));
  }

  @Test
  void foreignTypesStayHome() {
    onlyIn("net.openhft..", "..common.queue.chronicle..");
    onlyIn("org.rocksdb..", "..hub.log.rocksdb..");
    onlyIn("org.sqlite..", "..common.disk..");
    onlyIn("org.postgresql..", "..agent..postgres..");
    onlyIn("com.mysql..", "..agent..mysql..");
    onlyIn("com.github.shyiko..", "io.spokewire.agent.capture.mysql..");
    onlyIn(
        "io.spokewire.proto..",
        "io.spokewire.proto..",
        "..common.wire..",
        "io.spokewire.agent.stream..",
        "io.spokewire.agent.identity..",
        "io.spokewire.hub.stream..",
        "io.spokewire.hub.admin..",
        "io.spokewire.hub.enrolment..",
        "io.spokewire.admin.client..");
  }

  /** What crosses a boundary; a trust manager's own exception stays in its package. */
  @Test
  void exceptionsAreFaults() {
    check(
        classes()
            .that()
            .areAssignableTo(Throwable.class)
            .and()
            .resideInAPackage("io.spokewire..")
            .and()
            .areTopLevelClasses()
            .should()
            .haveNameMatching(".*(\\.Fault|MalformedBytesException)$"));
  }

  private static void forEachPair(String prefix, List<String> stages) {
    for (String stage : stages) {
      List<String> others = new ArrayList<>();
      for (String other : stages) {
        if (!other.equals(stage)) {
          others.add(prefix + other + "..");
        }
      }
      none(prefix + stage + "..").see(others.toArray(String[]::new));
    }
  }

  private static void onlyIn(String foreign, String... homes) {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.spokewire..")
            .and()
            .resideOutsideOfPackages(homes)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(foreign));
  }

  private static Viewer none(String packages) {
    return seen ->
        check(
            noClasses()
                .that()
                .resideInAPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(seen));
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CODE);
  }

  private interface Viewer {
    void see(String... packages);
  }
}
