package io.terway.lab.cluster;

import io.terway.lab.Refusal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * A jar without classes that names the jars of a Quarkus application in its manifest. The JVM's class archive holds only
 * classes of its own loaders, and Quarkus' fast-jar uses another one; started through this jar the same classes come from
 * the class path, and an archive halves the CPU time of a start.
 */
final class FlatJar {
    private static final String MAIN = "io.quarkus.runner.GeneratedMain";

    private FlatJar() {}

    /** Writes {@code jar} for the application in {@code quarkusApp}, unless it is newer than that. */
    static void ensure(Path jar, Path quarkusApp) {
        Path run = quarkusApp.resolve("quarkus-run.jar");
        try {
            if (Files.exists(jar) && Files.getLastModifiedTime(jar).compareTo(Files.getLastModifiedTime(run)) >= 0) {
                return;
            }
            Files.createDirectories(jar.getParent());
            try (OutputStream file = Files.newOutputStream(jar);
                    JarOutputStream out = new JarOutputStream(file, manifest(jar.getParent(), quarkusApp, run))) {
                out.finish();
            }
        } catch (IOException e) {
            throw new Refusal("cannot write " + jar + ": " + e.getMessage());
        }
    }

    /** What quarkus-run.jar opens and permits, this one does too. */
    private static Manifest manifest(Path from, Path quarkusApp, Path run) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        try (JarFile original = new JarFile(run.toFile())) {
            attributes.putAll(original.getManifest().getMainAttributes());
        }
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, MAIN);
        List<String> path = new ArrayList<>();
        for (Path jar : jars(quarkusApp)) {
            path.add(from.relativize(jar).toString());
        }
        attributes.put(Attributes.Name.CLASS_PATH, String.join(" ", path));
        return manifest;
    }

    /** Transformed classes hide the originals, so they come first. */
    private static List<Path> jars(Path quarkusApp) throws IOException {
        List<Path> jars = new ArrayList<>(List.of(quarkusApp.resolve("quarkus/generated-bytecode.jar")));
        Path transformed = quarkusApp.resolve("quarkus/transformed-bytecode.jar");
        if (Files.exists(transformed)) {
            jars.addFirst(transformed);
        }
        for (String directory : List.of("app", "lib/boot", "lib/main")) {
            try (Stream<Path> files = Files.list(quarkusApp.resolve(directory))) {
                files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(jars::add);
            }
        }
        return jars;
    }
}
