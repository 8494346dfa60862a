package io.terway.lab.api.kind;

import java.util.ArrayList;
import java.util.List;

/**
 * Columns of built-in kinds that are plain paths, in the notation {@code Name[*]=path} ({@code *}: wide only). Kinds whose
 * cells are computed (pods, nodes, services) have rows of their own in the table printer.
 */
final class BuiltInColumns {

    private BuiltInColumns() {}

    static List<Resource.Column> of(String group, String plural) {
        return parse(
                switch (group.isEmpty() ? plural : plural + "." + group) {
                    case "namespaces" -> "Status=.status.phase";
                    case "secrets" -> "Type=.type";
                    case "events" ->
                        "Last Seen=.lastTimestamp;Type=.type;Reason=.reason;"
                                + "Object=.involvedObject.name;Message=.message";
                    case "events.events.k8s.io" ->
                        "Last Seen=.deprecatedLastTimestamp;Type=.type;Reason=.reason;Object=.regarding.name;Message=.note";
                    case "deployments.apps" ->
                        "Ready=.status.readyReplicas;Desired=.spec.replicas;Available=.status.availableReplicas";
                    case "statefulsets.apps" -> "Ready=.status.readyReplicas;Desired=.spec.replicas";
                    case "replicasets.apps" ->
                        "Desired=.spec.replicas;Current=.status.replicas;Ready=.status.readyReplicas";
                    case "daemonsets.apps" ->
                        "Desired=.status.desiredNumberScheduled;Current=.status.currentNumberScheduled;"
                                + "Ready=.status.numberReady";
                    case "networkpolicies.networking.k8s.io" -> "Pod-Selector=.spec.podSelector.matchLabels";
                    case "leases.coordination.k8s.io" -> "Holder=.spec.holderIdentity";
                    case "endpointslices.discovery.k8s.io" ->
                        "AddressType=.addressType;Endpoints=.endpoints[*].addresses[*]";
                    case "endpoints" -> "Endpoints=.subsets[*].addresses[*].ip";
                    case "poddisruptionbudgets.policy" ->
                        "Min Available=.spec.minAvailable;Max Unavailable=.spec.maxUnavailable";
                    case "customresourcedefinitions.apiextensions.k8s.io" -> "Created At=.metadata.creationTimestamp";
                    case "rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io" ->
                        "Role=.roleRef.name";
                    default -> "";
                });
    }

    private static List<Resource.Column> parse(String spec) {
        List<Resource.Column> columns = new ArrayList<>();
        for (String column : spec.isEmpty() ? new String[0] : spec.split(";")) {
            int equals = column.indexOf('=');
            String name = column.substring(0, equals);
            String path = column.substring(equals + 1);
            // kubectl prints a date column as it comes, so time columns other than ages stay strings.
            columns.add(new Resource.Column(name, name.equals("Last Seen") ? "date" : "string", "", "", 0, path));
        }
        return columns;
    }
}
