# Sourced by lab: builds when a source is newer than the last build. Sets lab_jar and lab_java_options.
lab_target=$here/target
lab_jar=$lab_target/terway-lab.jar
lab_stamp=$lab_target/lab.built
lab_java_options=(-XX:+UseSerialGC -XX:-UsePerfData -XX:TieredStopAtLevel=1 -Xmx256m --enable-native-access=ALL-UNNAMED
  --sun-misc-unsafe-memory-access=allow -Djava.util.logging.config.file="$here/src/main/sh/logging.properties")

# The modules whose sources reach a lab process.
lab_sources=(pom.xml proto eni-manager ipam-service policy-service node-agent k8s/lab)

# What a lab runs; whoever built them after the last change (./mvnw verify does) has spared us the work.
lab_artifacts=(k8s/lab/target/terway-lab.jar node-agent/cni/target/terway node-agent/cli/target/terway-cli
  {ipam-service/service,eni-manager/service,policy-service/service,node-agent/agent}/target/quarkus-app/quarkus-run.jar)

lab_newer_source() {
  (cd "$root" && find "${lab_sources[@]}" -name target -prune -o -path '*/src/test' -prune -o \
    \( -path '*/src/main/*' -o -name pom.xml \) -type f -newer "$1" -print -quit)
}

lab_stale() {
  local artifact oldest=
  for artifact in "${lab_artifacts[@]}"; do
    [ -e "$root/$artifact" ] || return 0
    [ -n "$oldest" ] && [ ! "$root/$artifact" -ot "$oldest" ] || oldest=$root/$artifact
  done
  [ -n "$(lab_newer_source "$oldest")" ] || return 1
  # An artifact that had nothing to change keeps its old time: the stamp is the time of the last build here.
  [ ! -f "$lab_stamp" ] || [ -n "$(lab_newer_source "$lab_stamp")" ]
}

lab_build() {
  # TERWAY_LAB_BUILD=skip runs what is there, for those who build by themselves.
  if [ "${TERWAY_LAB_BUILD-}" = skip ] || ! lab_stale; then
    [ -f "$lab_jar" ] || { echo "lab: $lab_jar is missing and TERWAY_LAB_BUILD=skip forbids building it" >&2; return 1; }
    lab_archive_option
    return 0
  fi
  mkdir -p "$lab_target"
  # Two labs may start at once: one builds, the other waits and finds it built.
  exec 9>"$lab_target/lab.lock"
  flock 9
  if lab_stale; then
    local begun=$SECONDS started
    started=$(mktemp "$lab_target/lab.started.XXXXXX")
    echo "lab: building (./mvnw -q -DskipTests package; minutes the first time) ..." >&2
    if ! (cd "$root" && ./mvnw -q -DskipTests -Dspotless.check.skip=true package) >&2; then
      rm -f "$started"
      echo "lab: the build failed; its messages are above" >&2
      return 1
    fi
    # The stamp bears the time the build began: what changed during it is stale still.
    mv "$started" "$lab_stamp"
    rm -rf "$lab_target/lab.aot" "$lab_target/boot"
    echo "lab: built in $((SECONDS - begun)) s" >&2
  fi
  exec 9>&-
  lab_archive_option
}

# The same for services and agent, from one short run of a lab: a minute that is worth it for who starts many labs.
lab_train() {
  local begun=$SECONDS
  rm -rf "$lab_target/boot"
  echo "lab: making the class archives of services and agent ..." >&2
  TERWAY_LAB_TRAIN=1 TERWAY_LAB_ROOT=$root "$JAVA_HOME/bin/java" "${lab_java_options[@]}" -cp "$lab_jar" \
    io.terway.lab.cli.Lab train >/dev/null || return 1
  echo "lab: archives made in $((SECONDS - begun)) s" >&2
}

# A cache of loaded and linked classes halves the start of the lab's own processes. Made once after a build.
lab_archive_option() {
  local archive=$lab_target/lab.aot
  if [ ! -f "$archive" ] || [ "$lab_jar" -nt "$archive" ]; then
    local own=$archive.$$
    echo "lab: making the class archive (once per build) ..." >&2
    "$JAVA_HOME/bin/java" "${lab_java_options[@]}" -XX:AOTCacheOutput="$own" -cp "$lab_jar" \
      io.terway.lab.cli.Training >/dev/null 2>&1 && mv "$own" "$archive" 2>/dev/null
    rm -f "$own" "$own.config"
  fi
  [ ! -f "$archive" ] || lab_java_options+=(-XX:AOTCache="$archive")
  export TERWAY_LAB_ARCHIVE=$archive
}
