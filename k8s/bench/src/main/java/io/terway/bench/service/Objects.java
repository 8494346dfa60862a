package io.terway.bench.service;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The objects of a cluster, written when they are asked for: nodes with their images and conditions, pods with containers,
 * volumes and status, of the size that real ones have.
 */
record Objects(int nodes, int podsPerNode, String eniConf) {

    private static final Pattern LIMIT = Pattern.compile("limit=([0-9]+)");
    private static final Pattern CONTINUE = Pattern.compile("continue=([0-9]+)");
    private static final String IMAGES = IntStream.range(0, 40)
            .mapToObj(i -> """
                    {"names":["registry-vpc.cn-hangzhou.aliyuncs.com/shop/service-%d@sha256:%064x",\
                    "registry-vpc.cn-hangzhou.aliyuncs.com/shop/service-%d:v1.%d"],"sizeBytes":%d}""".formatted(i, i * 7919L, i, i, 100_000_000 + i))
            .collect(Collectors.joining(","));
    private static final String CONDITIONS =
            IntStream.range(0, 8).mapToObj(i -> """
                    {"type":"Condition%d","status":"False","lastHeartbeatTime":"2026-01-01T00:00:00Z",\
                    "lastTransitionTime":"2026-01-01T00:00:00Z","reason":"KubeletHasNoProblem","message":"kubelet has no problem"}""".formatted(i)).collect(Collectors.joining(","));
    private static final String ENVIRONMENT = IntStream.range(0, 20)
            .mapToObj(i -> "{\"name\":\"SHOP_SETTING_%d\",\"value\":\"value-%d\"}".formatted(i, i))
            .collect(Collectors.joining(","));

    /** What a GET of this path finds. */
    Optional<String> get(String path, String query) {
        return switch (path.substring(path.lastIndexOf('/') + 1)) {
            case "nodes" -> Optional.of(list("NodeList", query, nodes));
            case "pods" -> Optional.of(list("PodList", query, nodes * podsPerNode));
            case "configmaps" -> Optional.of(list("ConfigMapList", query, 1));
            case "namespaces" -> Optional.of(list("NamespaceList", query, 1));
            case "podnetinfos" -> Optional.of(list("PodNetInfoList", query, 0));
            case "statefulsets" -> Optional.of(list("StatefulSetList", query, 0));
            case "nodenetinfos" -> Optional.of(list("NodeNetInfoList", query, 0));
            case "eni-config" -> Optional.of(item("ConfigMapList", 0));
            default ->
                Optional.ofNullable(path.contains("/nodes/") || path.contains("/nodenetinfos/") ? bare(path) : null);
        };
    }

    /** An object of which nothing is known but its name. */
    String bare(String path) {
        String kind = path.contains("/nodes/") ? "Node" : "Object";
        return "{\"apiVersion\":\"v1\",\"kind\":\"" + kind + "\",\"metadata\":{\"name\":\""
                + path.replaceAll("/status$", "").replaceAll(".*/", "") + "\",\"resourceVersion\":\"1\"}}";
    }

    private String list(String kind, String query, int count) {
        Matcher limit = LIMIT.matcher(query);
        Matcher next = CONTINUE.matcher(query);
        int from = next.find() ? Integer.parseInt(next.group(1)) : 0;
        int to = limit.find() ? Math.min(count, from + Integer.parseInt(limit.group(1))) : count;
        String more = to < count ? ",\"continue\":\"" + to + "\"" : "";
        return "{\"apiVersion\":\"v1\",\"kind\":\"" + kind + "\",\"metadata\":{\"resourceVersion\":\"100\"" + more
                + "},\"items\":["
                + IntStream.range(from, to).mapToObj(i -> item(kind, i)).collect(Collectors.joining(",")) + "]}";
    }

    private String item(String kind, int number) {
        return switch (kind) {
            case "NodeList" -> """
                    {"metadata":{"name":"node-%d","uid":"uid-%d","resourceVersion":"50",\
                    "annotations":{"network.terway.io/ledger-id":"ledger-%d"},"labels":{"topology.kubernetes.io/zone":"cn-hangzhou-h"}},\
                    "spec":{"providerID":"cn-hangzhou.i-%d"},"status":{"images":[%s],"conditions":[%s]}}""".formatted(number, number, number, number, IMAGES, CONDITIONS);
            case "PodList" -> pod(number);
            case "ConfigMapList" ->
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"eni-config\",\"namespace\":\"kube-system\","
                        + "\"uid\":\"c\",\"resourceVersion\":\"2\"},\"data\":{\"eni_conf\":\""
                        + eniConf.replace("\"", "\\\"") + "\"}}";
            default -> "{\"metadata\":{\"name\":\"shop\",\"uid\":\"ns\",\"resourceVersion\":\"3\"}}";
        };
    }

    private String pod(int number) {
        int node = number / podsPerNode;
        return """
                {"metadata":{"name":"%s","namespace":"shop","uid":"%s","resourceVersion":"60",\
                "labels":{"app":"shop","pod-template-hash":"7c5ddbdf54"},"annotations":{"kubernetes.io/config.seen":"2026-01-01"},\
                "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"shop-7c5ddbdf54","uid":"r","controller":true}]},\
                "spec":{"nodeName":"node-%d","serviceAccountName":"shop","containers":[{"name":"shop","image":"registry/shop:v1",\
                "env":[%s],"resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"100m","memory":"256Mi"}},\
                "volumeMounts":[{"name":"token","mountPath":"/var/run/secrets"}]}],"volumes":[{"name":"token","emptyDir":{}}],\
                "tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]},\
                "status":{"phase":"Running","podIP":"10.1.2.3","podIPs":[{"ip":"10.1.2.3"}],"conditions":[%s]}}""".formatted(Agent.podName(number), Agent.podUid(number), node, ENVIRONMENT, CONDITIONS);
    }
}
