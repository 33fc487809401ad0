# Sourced by demo.sh and bench/run.sh, from the project's root.

# Builds the distribution unless it is there and newer than every source.
build_if_needed() {
  local made=deploy/target/spokewire/lib/jvm.options
  if [ ! -e "$made" ] || [ ! -e deploy/target/test-classes ] || [ -n "$(find pom.xml ./*/pom.xml ./*/src \
    -newer "$made" -type f -print -quit)" ]; then
    echo "building (the first time takes some minutes) ..." >&2
    ./mvnw -q -DskipTests package
    touch "$made"
  fi
}

# Runs a class of module deploy with the distribution's jars and the servers' test support.
run_java() {
  SPOKEWIRE_HOME=$PWD/deploy/target/spokewire
  # shellcheck source=../src/main/dist/lib/launch.sh
  . "$SPOKEWIRE_HOME/lib/launch.sh"
  if [ -n "${SPOKEWIRE_JAVA_HOME:-}" ]; then java_home=$SPOKEWIRE_JAVA_HOME; else find_java; fi
  exec "$java_home/bin/java" "@$SPOKEWIRE_HOME/lib/jvm.options" -XX:+UseSerialGC -Xmx512m \
    -Dspokewire.test.postgres="$PWD/target/postgres" -Dspokewire.test.mysql="$PWD/target/mysql" \
    -cp "deploy/target/test-classes:$(printf "%s:" */target/spokewire-*-tests.jar)$SPOKEWIRE_HOME/lib/*:deploy/target/bench/*" "$@"
}
