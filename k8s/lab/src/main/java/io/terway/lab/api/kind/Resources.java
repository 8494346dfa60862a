package io.terway.lab.api.kind;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.api.object.Meta;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The resources served now: built-in ones and those of the stored definitions. One owner thread, the server's. */
public final class Resources {

    /** Definitions served at once; more are refused when they are created. */
    public static final int MAX_DEFINITIONS = 500;

    private final Map<String, Resource> builtIn = new TreeMap<>();
    private final Map<String, List<Resource>> custom = new TreeMap<>();
    private final Map<String, Resource> byPath = new HashMap<>();

    public Resources() {
        BuiltIn.resources().forEach(resource -> builtIn.put(path(resource), resource));
        byPath.putAll(builtIn);
    }

    public Optional<Resource> find(String group, String version, String plural) {
        return Optional.ofNullable(byPath.get(path(group, version, plural)));
    }

    /** Any served version of a stored set; the first by path when there are several. */
    public Optional<Resource> any(Resource.Id id) {
        return all().stream().filter(resource -> resource.id().equals(id)).findFirst();
    }

    /** Every served resource in a stable order. */
    public Collection<Resource> all() {
        return new TreeMap<>(byPath).values();
    }

    public boolean isFull() {
        return custom.size() >= MAX_DEFINITIONS;
    }

    /** Serves what a CustomResourceDefinition names, at once; replaces what the same definition named before. */
    public void define(JsonNode definition) {
        custom.put(Meta.name(definition), Definition.resources(definition));
        rebuild();
    }

    /** Stops serving what the definition named. */
    public void undefine(String definitionName) {
        custom.remove(definitionName);
        rebuild();
    }

    private void rebuild() {
        byPath.clear();
        for (List<Resource> versions : custom.values()) {
            versions.forEach(resource -> byPath.put(path(resource), resource));
        }
        byPath.putAll(builtIn);
    }

    /** The versions of a group in the order of preference. */
    public List<String> versions(String group) {
        List<String> versions = new ArrayList<>();
        for (Resource resource : all()) {
            if (resource.group().equals(group) && !versions.contains(resource.version())) {
                versions.add(resource.version());
            }
        }
        versions.sort(Versions.BY_PREFERENCE);
        return versions;
    }

    /** The groups other than core, in alphabetical order. */
    public List<String> groups() {
        return all().stream()
                .map(Resource::group)
                .filter(group -> !group.isEmpty())
                .distinct()
                .sorted()
                .toList();
    }

    private static String path(Resource resource) {
        return path(resource.group(), resource.version(), resource.plural());
    }

    private static String path(String group, String version, String plural) {
        return group + "/" + version + "/" + plural;
    }
}
