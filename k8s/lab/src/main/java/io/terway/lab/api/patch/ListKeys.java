package io.terway.lab.api.patch;

import java.util.List;

/**
 * How the lists of built-in kinds merge, by field name and, where a name is used twice, by its parent. From the
 * patchMergeKey and listMapKey marks of the API types.
 */
final class ListKeys {

    private ListKeys() {}

    /** How a list merges. */
    sealed interface Merge {
        /** Replaced as a whole. */
        record Atomic() implements Merge {}

        /** A set of scalars. */
        record Values() implements Merge {}

        /** Objects told apart by these fields; strategic merge uses the first alone. */
        record Keyed(List<String> keys) implements Merge {
            String first() {
                return keys.getFirst();
            }
        }
    }

    static Merge of(String parent, String field) {
        return switch (field) {
            case "containers", "initContainers", "ephemeralContainers", "env", "volumes", "imagePullSecrets" ->
                keyed("name");
            case "secrets" -> parent.equals("root") ? keyed("name") : new Merge.Atomic();
            case "conditions" -> keyed("type");
            case "ownerReferences" -> keyed("uid");
            case "volumeMounts" -> keyed("mountPath");
            case "volumeDevices" -> keyed("devicePath");
            case "hostAliases", "podIPs", "hostIPs" -> keyed("ip");
            case "ports" -> ports(parent);
            case "addresses" -> parent.equals("status") ? keyed("type") : new Merge.Atomic();
            case "topologySpreadConstraints" -> keyed("topologyKey");
            case "resourceClaims", "schedulingGates" -> keyed("name");
            case "finalizers" -> new Merge.Values();
            default -> new Merge.Atomic();
        };
    }

    private static Merge ports(String parent) {
        return switch (parent) {
            case "containers", "initContainers", "ephemeralContainers" -> keyed("containerPort", "protocol");
            case "spec" -> keyed("port", "protocol");
            default -> new Merge.Atomic();
        };
    }

    private static Merge keyed(String... keys) {
        return new Merge.Keyed(List.of(keys));
    }
}
