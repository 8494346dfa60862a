# Sourced by mvnw and k8s/lab/lab: sets JAVA_HOME to a JDK 25, or explains what to install and returns 1.
terway_release() { sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null; }
terway_find_jdk() {
  for home in "${TERWAY_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/*jdk* "${HOME:-/nonexistent}"/.sdkman/candidates/java/25*; do
    [ -n "$home" ] && [ -x "$home/bin/javac" ] && [ "$(terway_release "$home")" = 25 ] || continue
    JAVA_HOME=$home
    export JAVA_HOME
    return 0
  done
  echo "terway: no JDK 25 found (looked at JAVA_HOME, /usr/lib/jvm, /opt); install one, e.g. temurin-25-jdk, or set TERWAY_JAVA_HOME" >&2
  return 1
}
terway_find_jdk
