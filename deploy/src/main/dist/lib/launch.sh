# Sourced by the launchers in ../bin, which set SPOKEWIRE_HOME. POSIX sh.
#
#   launch MODULE "JVM OPTIONS" ARGUMENT...
#
# replaces the shell by `java -jar lib/spokewire-MODULE-*.jar ARGUMENT...` on the first Java 25 or
# newer of: SPOKEWIRE_JAVA_HOME, the bundled runtime, JAVA_HOME, PATH, the usual places.
# SPOKEWIRE_JAVA_OPTS comes after the launcher's own options, so it wins.

required_java=25

# True if $1 is the home of a Java that is new enough. Reads the `release` file every JDK has:
# starting a JVM to ask for its version would double the start-up time.
is_usable_java() {
  [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
  while IFS='=' read -r key value; do
    if [ "$key" = JAVA_VERSION ]; then
      value=${value#\"}
      value=${value%%[!0-9]*}
      [ -n "$value" ] && [ "$value" -ge "$required_java" ]
      return
    fi
  done <"$1/release"
  return 1
}

# Sets java_home, or fails.
find_java() {
  path_java=$(command -v java 2>/dev/null) && path_java=$(readlink -f "$path_java" 2>/dev/null) || path_java=
  for java_home in \
    "$SPOKEWIRE_HOME/runtime" "$SPOKEWIRE_HOME/../runtime" \
    "${JAVA_HOME:-}" "${path_java%/bin/java}" \
    /usr/lib/jvm/* /opt/* /opt/java/* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$java_home" ] && is_usable_java "$java_home" && return 0
  done
  return 1
}

launch() {
  module=$1
  options=$2
  shift 2
  if [ -n "${SPOKEWIRE_JAVA_HOME:-}" ]; then
    java_home=$SPOKEWIRE_JAVA_HOME
    if ! is_usable_java "$java_home"; then
      echo "spokewire: SPOKEWIRE_JAVA_HOME=$java_home is not a Java $required_java or newer" >&2
      exit 2
    fi
  elif ! find_java; then
    echo "spokewire: no Java $required_java or newer found; install one or set SPOKEWIRE_JAVA_HOME to its directory" >&2
    exit 2
  fi
  # glibc gives every thread an arena of its own and seldom returns it; the native libraries here
  # (RocksDB, zstd, Netty) and the compiler's threads would keep tens of megabytes apart for nothing.
  MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}
  export MALLOC_ARENA_MAX
  for jar in "$SPOKEWIRE_HOME/lib/spokewire-$module"-*.jar; do
    # shellcheck disable=SC2086 # these options are words
    exec "$java_home/bin/java" "@$SPOKEWIRE_HOME/lib/jvm.options" \
      $options ${SPOKEWIRE_JAVA_OPTS:-} -jar "$jar" "$@"
  done
}
